/** What makes datasets: simulating, importing, cutting, painting, fetching, detecting. */
export { type CutoutsConfig, cutoutsConfig } from "./cutting/config.ts";
export { type CutoutsReport, cutouts } from "./cutting/cutouts.ts";
export { type DetectConfig, detectConfig } from "./detecting/config.ts";
export { type DetectReport, detectSources } from "./detecting/detect.ts";
export { type FetchConfig, fetchConfig } from "./fetching/config.ts";
export { type FetchReport, fetchCutouts } from "./fetching/fetch.ts";
export { type ImportConfig, type ImportOptions, importConfig } from "./importing/config.ts";
export { type ImportExtras, type ImportReport, importImages } from "./importing/import.ts";
export { type PaintConfig, paintConfig } from "./painting/config.ts";
export { type PaintReport, paint } from "./painting/paint.ts";
export { arcSignal } from "./simulating/arcs.ts";
export { type SimulateConfig, simulateConfig } from "./simulating/config.ts";
export { type Examples, examplesByKind } from "./simulating/preview.ts";
export { type SimulateOptions, simulate } from "./simulating/simulate.ts";
