/** A batch of objects as it is written: pixels and rows. */
import type { DatasetRow } from "../../dataset/writer.ts";
import type { Population } from "../../lensing/populations/population.ts";
import type { SimulateConfig } from "./config.ts";
import { draw } from "./draw.ts";
import { rowOf } from "./rows.ts";

export interface DrawnRows {
  /** (B, C, H, W), row 0 at the top: uint8 for `display`, float32 for `flux`. */
  pixels: Uint8Array | Float32Array;
  rows: DatasetRow[];
}

export function drawRows(
  population: Population,
  indices: readonly number[],
  config: SimulateConfig,
): DrawnRows {
  const { pixels, scenes, arcScale } = draw(population, indices, config);
  const rows = scenes.map((scene, k) => rowOf(scene, arcScale[k]!, indices[k]!, population, config));
  return { pixels, rows };
}
