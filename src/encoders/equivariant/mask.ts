/** The disc that every rotation maps onto itself: what lies in the corners would differ from turn to turn. */
import { arange } from "../../torch/create.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Pixels over which the disc's edge fades, as the standard deviation of a Gaussian. */
const SOFTNESS = 1;

/**
 * Weights (1, 1, H, W) in [0, 1]: 1 inside the largest centred disc less `margin` pixels, fading outside it.
 * Written so that the weights of mirrored and rotated positions are the same to the last bit.
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
