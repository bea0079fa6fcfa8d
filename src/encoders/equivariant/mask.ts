/** A disc, which every rotation maps onto itself: the corners' content would change with the rotation. */
import { arange } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Pixels over which the disc's edge fades, as the standard deviation of a Gaussian. */
const SOFTNESS = 1;

/**
 * Weights (1, 1, H, W) in [0, 1]: 1 inside the largest centred disc, its radius reduced by `margin` pixels, and fading
 * outside it. Computed so that mirrored and rotated positions have the same weights to the last bit.
 */
export function discMask(height: number, width: number, margin: number): Tensor {
  const radius = (Math.min(height, width) - 1) / 2 - margin;
  const squares = (side: number) => {
    const from = arange(0, side, 1, { dtype: "float64" }).sub((side - 1) / 2);
    return from.mul(from);
  };
  const r = squares(height).unsqueeze(1).add(squares(width).unsqueeze(0)).sqrt(); // (H, W)
  const beyond = r.sub(radius).clamp(0);
  return beyond
    .square()
    .mul(-0.5 / SOFTNESS ** 2)
    .exp()
    .reshape([1, 1, height, width]);
}
