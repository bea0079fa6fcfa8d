/** Blurring by a round Gaussian, of a different width for each image, along lines and then columns. */
import { FWHM_PER_SIGMA } from "../../../sky/fwhm.ts";
import { arange } from "../../../torch/create.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** A narrower Gaussian touches no neighbour. */
const NARROWEST = 1e-3;

/**
 * @param x (B, C, H, W)
 * @param most largest full width at half maximum, pixels; each image's is uniform in [0, most]
 */
export const blur = (x: Tensor, most: number, generator: Generator): Tensor =>
  blurred(x, generator.uniform([x.shape[0]!]).mul(most));

/**
 * Images blurred with their edges reflected, so that an image's total is conserved.
 *
 * @param x (B, C, H, W)
 * @param widths (B) full width at half maximum, pixels; below a quarter of the side
 */
export function blurred(x: Tensor, widths: Tensor): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  const sigma = widths.to("float32").div(FWHM_PER_SIGMA).clamp(NARROWEST, null).reshape([-1, 1, 1, 1]);
  const down = reflectedGaussian(height, sigma).to(x.dtype); // (B, 1, H, H)
  const across = width === height ? down : reflectedGaussian(width, sigma).to(x.dtype);
  return down.matmul(x).matmul(across); // symmetric: its own transpose
}

/**
 * What each pixel along a line gives to each other, from its own position and its two mirror images. Symmetric, with
 * rows of sum 1: nothing is lost.
 */
function reflectedGaussian(length: number, sigma: Tensor): Tensor {
  const index = arange(0, length, 1, { dtype: "float32", device: sigma.device });
  const [i, j] = [index.reshape([1, 1, length, 1]), index.reshape([1, 1, 1, length])];
  const gaussian = (distance: Tensor) => distance.div(sigma).square().mul(-0.5).exp();
  const sum = i.add(j);
  const all = gaussian(i.sub(j))
    .add(gaussian(sum.add(1)))
    .add(gaussian(sum.rsub(2 * length - 1))); // (B, 1, L, L)
  return all.div(all.sum(3, true));
}
