/** Turning by any angle, stretching, shearing and shifting by fractions of a pixel, in one bilinear sampling. */
import { arange, stack } from "../../../torch/create.ts";
import { gridSample } from "../../../torch/neural.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** How much of each change; 0 for none. */
export interface Warp {
  /** Largest angle either way, degrees. */
  turn: number;
  /** Largest shift along each axis, pixels. */
  subpixel: number;
  /** Standard deviation of what is added to each element of the identity: a map that stretches and shears. */
  affine: number;
}

/** Warps each image by its own random draw. @param x (B, C, H, W) */
export function warp(x: Tensor, { turn, subpixel, affine }: Warp, generator: Generator): Tensor {
  const batch = x.shape[0]!;
  const within = (shape: number[], most: number) => generator.uniform(shape).mul(2).sub(1).mul(most);
  const angles = turn > 0 ? within([batch], (turn / 180) * Math.PI) : null;
  const shifts = subpixel > 0 ? within([batch, 2], subpixel) : null;
  const added = affine > 0 ? generator.normal([batch, 2, 2]).mul(affine) : null;
  return warped(x, angles, shifts, added);
}

/**
 * Each image turned about its centre, stretched and shifted; outside, the image is reflected at its edges.
 *
 * @param x (B, C, H, W)
 * @param angles (B) radians, counter-clockwise as displayed; null for none
 * @param shifts (B, 2) pixels: how far right and down the view begins; null for none
 * @param added (B, 2, 2) added to the identity: maps a position (right, down) in the view to the image; null for none
 */
export function warped(
  x: Tensor,
  angles: Tensor | null,
  shifts: Tensor | null,
  added: Tensor | null = null,
): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const fromCentre = (length: number, shape: number[]) =>
    arange(0, length, 1, { dtype: "float32", device: x.device })
      .sub((length - 1) / 2)
      .reshape(shape);
  let across = fromCentre(width, [1, 1, width]);
  let down = fromCentre(height, [1, height, 1]);
  if (angles !== null) {
    const [cos, sin] = [angles.cos().reshape([-1, 1, 1]), angles.sin().reshape([-1, 1, 1])];
    [across, down] = [across.mul(cos).sub(down.mul(sin)), across.mul(sin).add(down.mul(cos))];
  }
  if (added !== null) {
    const element = (row: number, column: number) =>
      added.select(1, row).select(1, column).reshape([-1, 1, 1]);
    [across, down] = [
      across.add(across.mul(element(0, 0))).add(down.mul(element(0, 1))),
      down.add(across.mul(element(1, 0))).add(down.mul(element(1, 1))),
    ];
  }
  if (shifts !== null) {
    across = across.add(shifts.select(1, 0).reshape([-1, 1, 1]));
    down = down.add(shifts.select(1, 1).reshape([-1, 1, 1]));
  }
  const shape = [batch, height, width];
  const grid = stack([across.mul(2 / width).expand(shape), down.mul(2 / height).expand(shape)], -1);
  return gridSample(x, grid.to(x.dtype), "bilinear", "reflection");
}
