/** The values of masked pixels. */
import type { Defects } from "../../sky/survey.ts";
import { call } from "../../torch/call.ts";
import { full, where } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** More than any hole is wide. */
const MOST_PASSES = 1024;

/**
 * @param images (B, bands, H, W)
 * @param mask (B, bands, H, W) bool
 * Fills masked pixels.
 *
 * @param how a number; `observed` keeps the observed values; `interpolated` takes the mean of the known neighbours, from a
 *   hole's edge inwards (an image without known pixels becomes 0)
 */
export function filled(images: Tensor, mask: Tensor, how: Defects["fill"]): Tensor {
  if (how === "observed") return images;
  if (typeof how === "number") return images.maskedFill(mask, how);
  return tidy(() => {
    let known = mask.not().to(images.dtype);
    let light = images.mul(known).maskedFill(mask, 0);
    // A filled hole does not change any more, so an image does not depend on the number of passes that others need.
    for (let pass = 0; pass < MOST_PASSES && known.min().item() === 0; pass++) {
      const next = tidy(() => {
        const count = neighbours(known);
        const reached = known.eq(0).and(count.gt(0));
        if (reached.any().item() === 0) return null;
        const mean = neighbours(light).div(count.clamp(1e-6));
        return {
          light: where(reached, mean, light),
          known: where(reached, full([1], 1, { dtype: known.dtype }), known),
        };
      });
      if (next === null) break;
      ({ light, known } = next);
    }
    return light;
  });
}

/** The mean over a pixel and its eight neighbours, with zeros beyond the image. */
const neighbours = (images: Tensor): Tensor =>
  call("aten::avg_pool2d", images, [3, 3], [1, 1], [1, 1], false, true) as Tensor;
