/** Whole-pixel shifts, a different one for each image. */
import { refuse } from "../../../foundation/errors.ts";
import { arange } from "../../../torch/create.ts";
import { pad2d } from "../../../torch/neural.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** @param x (B, C, H, W) */
export function shift(x: Tensor, most: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  if (most >= Math.min(height, width)) refuse("augment", "shift", "less than the image", most);
  const padded = pad2d(x, [most, most, most, most], "reflect"); // (B, C, H + 2s, W + 2s)
  const starts = () => generator.integers(0, 2 * most + 1, [batch, 1, 1, 1]);
  const [top, left] = [starts(), starts()];
  return cut(padded, [height, width], top, left);
}

/**
 * A part of each image, with its own first line and column.
 *
 * @param top first line (B, 1, 1, 1) int64
 * @param left first column (B, 1, 1, 1) int64
 * @returns (B, C, height, width)
 */
export function cut(
  x: Tensor,
  [height, width]: readonly [number, number],
  top: Tensor,
  left: Tensor,
): Tensor {
  const [batch, channels, down, across] = x.shape as [number, number, number, number];
  const { device } = x;
  const lines = arange(0, height, 1, { device }).reshape([1, 1, height, 1]).add(top.toDevice(device));
  const columns = arange(0, width, 1, { device }).reshape([1, 1, 1, width]).add(left.toDevice(device));
  const indices = lines
    .mul(across)
    .add(columns)
    .reshape([batch, 1, height * width]);
  return x
    .reshape([batch, channels, down * across])
    .gather(2, indices.expand([batch, channels, height * width]))
    .reshape([batch, channels, height, width]);
}
