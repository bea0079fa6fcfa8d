/** UMAP (McInnes, Healy & Melville 2018, arXiv 1802.03426) by umap-js: neighbours stay neighbours, distances mean little. */
import { UMAP } from "umap-js";
import { refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { Draws } from "../../foundation/random.ts";

/** Settings of `umap`. */
export interface UmapOptions {
  /** Neighbours a point is tied to; fewer if there are fewer points. */
  readonly neighbours: number;
  /** One seed gives one picture. */
  readonly seed: number;
}

/** Epochs between safe points. */
const EVERY = 20;

/**
 * @param rows N points of one length
 * @returns row-major (N, 2), no unit
 * @throws ArcletError for fewer than four points; Interrupted when the user stops it
 */
export async function umap(
  rows: readonly (readonly number[])[],
  { neighbours, seed }: UmapOptions,
): Promise<Float64Array> {
  if (rows.length < 4) refuse("umap", "points", "four or more", rows.length);
  const draws = new Draws(seed);
  const embedding = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(neighbours, rows.length - 1),
    random: () => draws.uniform(),
  });
  const epochs = embedding.initializeFit(rows.map((row) => [...row]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    embedding.step();
    if (epoch % EVERY === 0) await safePoint("nothing was written");
  }
  return Float64Array.from(embedding.getEmbedding().flat());
}
