/** Weights and an input by formula for the encoders' oracle, so that no weight file is needed. */
import { readFileSync } from "node:fs";
import { tensor } from "../../src/torch/create.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

export interface Oracle {
  model: string;
  input_shape: number[];
  feature_shape: number[];
  parameters: number;
  state: Record<string, number[]>;
  output_mean: number;
  output_std: number;
  pooled: number[][];
  loss_mean_square: number;
  grad_norm: Record<string, number>;
}

export const readOracle = (name: string): Oracle =>
  JSON.parse(readFileSync(new URL(`../fixtures/encoders/${name}.json`, import.meta.url), "utf8"));

/** u(i, k) in [-1, 1): a hash of the element and a key, in unsigned 32-bit arithmetic. */
function u(i: number, k: number): number {
  let h = (i + Math.imul(0x9e3779b9, k)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return ((h >>> 0) / 2 ** 32) * 2 - 1;
}

export function filled(name: string, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const [offset, factor] = scale(name, shape, size);
  // A loop, since a network has tens of millions.
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = offset + factor * u(i, name.length);
  return tensor(values, shape);
}

function scale(name: string, shape: readonly number[], size: number): [offset: number, factor: number] {
  if (name.endsWith("running_var")) return [2, 0.2];
  if (/(running_mean|bias)$|^(cls_token|reg_token|pos_embed)$/.test(name)) return [0, 0.1];
  if (shape.length === 1) return [1, 0.1];
  return [0, Math.sqrt(6 / (size / shape[0]!))];
}

export const oracleInput = (shape: readonly number[]): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    Float64Array.from({ length: size }, (_, i) => (u(i, 0) + 1) / 2),
    shape,
  );
};
