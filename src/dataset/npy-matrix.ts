/** A matrix of numbers as a whole `.npy` file. */
import { renameSync } from "node:fs";
import { guarded } from "../foundation/files.ts";
import { NpyReader } from "./npy.ts";
import { NpyWriter } from "./npy-writer.ts";

/** Writes rows of `item`'s shape, which appear at once. */
export function writeMatrix(path: string, values: Float32Array, item: readonly number[]): void {
  const partial = `${path}.partial`;
  const writer = new NpyWriter(partial, "f4", item);
  try {
    const width = item.reduce((product, length) => product * length, 1);
    writer.append(values, values.length / width);
    writer.close();
  } catch (error) {
    writer.abandon();
    throw error;
  }
  guarded(path, () => renameSync(partial, path));
}

/** @throws ArcletError when the file is not there or damaged */
export function readMatrix(path: string): { values: Float32Array; item: number[] } {
  const reader = new NpyReader(path);
  try {
    return { values: reader.read(0, reader.length) as Float32Array, item: reader.itemShape };
  } finally {
    reader.close();
  }
}
