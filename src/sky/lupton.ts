/**
 * The colour composite of Lupton et al. (2004, PASP 116, 133) as astropy's make_lupton_rgb defines it. It differs from
 * HumVI's (`stretch.ts`): the intensity is the channels' mean, a tenth of `stretch` is shown at a tenth of white, and a
 * pixel whose brightest channel is beyond white is dimmed as a whole, which keeps its colour.
 */
import { asinh } from "../torch/asinh.ts";
import { where, zerosLike } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** The stretch of Lupton et al. 2004 (PASP 116, 133), in flux units. */
export interface Lupton {
  /** Flux shown as black. */
  minimum: number;
  /** Flux up to which the stretch is about linear. */
  stretch: number;
  /** Softening: the larger, the more logarithmic. */
  Q: number;
}

/** The fraction of `stretch` at which the curve meets the straight line. */
const LINEAR = 0.1;

/**
 * @param flux (B, 3, H, W) red, green, blue; or (B, 1, H, W) for grey
 * @returns the same shape, 0 to 1
 */
export function lupton(flux: Tensor, { minimum, stretch, Q }: Lupton): Tensor {
  return tidy(() => {
    const rgb = flux.sub(minimum);
    const intensity = rgb.mean([1], true); // (B, 1, H, W)
    const slope = LINEAR / Math.asinh(LINEAR * Q);
    const lit = intensity.gt(0);
    const divisor = where(lit, intensity, intensity.mul(0).add(1));
    const gain = asinh(intensity.mul(Q / stretch))
      .mul(slope)
      .div(divisor);
    const shown = rgb.mul(where(lit, gain, zerosLike(gain))).clamp(0, null);
    return shown.div(shown.max([1], true).clamp(1, null));
  });
}
