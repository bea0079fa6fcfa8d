/** Feature space: what a network makes of two domains, drawn and probed. */
export {
  type EmbeddedRun,
  type EmbeddingFigureOptions,
  type EmbeddingPoints,
  embeddingFigure,
} from "./embedding-figure.ts";
export { type Neighbour, nearestRows } from "./neighbours.ts";
export { type Principal, principal } from "./pca.ts";
export { linearProbe, type Probe } from "./probe.ts";
export { type UmapOptions, umap } from "./umap.ts";
