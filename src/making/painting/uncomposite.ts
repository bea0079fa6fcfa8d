/**
 * A colour composite turned back into flux. The composite of `sky/stretch` is v_c = x_c asinh(α Q I) / (Q I) with
 * I = Σ x_c, so Σ v_c = asinh(α Q I) / Q gives I, and each channel follows: exact to half a step of 8 bits if no
 * channel is clipped. A channel at 0 had flux of 0 or less, and gets 0. For a channel at 255 the result is a lower
 * limit, and so is the intensity.
 */
import type { Survey } from "../../sky/survey.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/**
 * @param images (B, C, H, W) uint8, channels in the order of `survey.display.bands`
 * @returns (B, C, H, W) float32, flux units of the survey, in the same order
 */
export function uncomposite(images: Tensor, survey: Survey): Tensor {
  const { scales, Q, alpha } = survey.display;
  const mean = scales.reduce<number>((sum, scale) => sum + scale, 0) / scales.length;
  return tidy(() => {
    const bytes = images.to("float64");
    // The middle of a byte's step, so that it comes back as the same byte.
    const shown = bytes.add(0.5).div(255).maskedFill(bytes.eq(0), 0);
    const sum = shown.sum(1, true); // (B, 1, H, W)
    const exponential = sum.mul(Q).exp();
    const intensity = exponential.sub(exponential.reciprocal()).div(2 * alpha * Q);
    const gain = intensity.div(sum.clamp(1e-12)).maskedFill(sum.eq(0), 1 / alpha);
    const factors = tensor(
      Float64Array.from(scales, (scale) => mean / scale),
      [1, scales.length, 1, 1],
    );
    return shown.mul(gain).mul(factors).to("float32");
  });
}

/**
 * A painted composite in which channels that were full in the host stay full, since the light lost there is unknown.
 *
 * @param painted (B, C, H, W) uint8
 * @param host the same before painting
 */
export const keptFull = (painted: Tensor, host: Tensor): Tensor =>
  tidy(() => painted.maximum(host.eq(255).to("uint8").mul(255)));
