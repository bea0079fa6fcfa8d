/** Turning by any angle and shifting by fractions of a pixel, in one bilinear sampling. */
import { arange, type Generator, gridSample, stack, type Tensor } from "../../torch/index.ts";

/**
 * @param x (B, C, H, W)
 * @param turn largest angle either way, degrees
 * @param subpixel largest shift along each axis, pixels
 */
export function warp(x: Tensor, turn: number, subpixel: number, generator: Generator): Tensor {
  const batch = x.shape[0]!;
  const within = (shape: number[], most: number) => generator.uniform(shape).mul(2).sub(1).mul(most);
  const angles = turn > 0 ? within([batch], (turn / 180) * Math.PI) : null;
  const shifts = subpixel > 0 ? within([batch, 2], subpixel) : null;
  return warped(x, angles, shifts);
}

/**
 * Each image turned about its centre and shifted; what comes from outside is the image reflected at the edge.
 *
 * @param x (B, C, H, W)
 * @param angles (B) radians, counter-clockwise as an image is looked at; null for none
 * @param shifts (B, 2) pixels: how far right and down the view begins; null for none
 */
export function warped(x: Tensor, angles: Tensor | null, shifts: Tensor | null): Tensor {
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
  if (shifts !== null) {
    across = across.add(shifts.select(1, 0).reshape([-1, 1, 1]));
    down = down.add(shifts.select(1, 1).reshape([-1, 1, 1]));
  }
  const shape = [batch, height, width];
  const grid = stack([across.mul(2 / width).expand(shape), down.mul(2 / height).expand(shape)], -1);
  return gridSample(x, grid.to(x.dtype), "bilinear", "reflection");
}
