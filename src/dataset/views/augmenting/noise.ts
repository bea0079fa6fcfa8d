/** Noise: Gaussian on any input, Poisson on flux. */
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** Independent normal noise in every pixel. @param x (B, C, H, W) */
export const gaussian = (x: Tensor, sigma: number, generator: Generator): Tensor =>
  x.add(generator.normal(x.shape).mul(sigma).to(x.dtype));

/**
 * Photon noise: flux f > 0 becomes Poisson(f · gain) / gain, of variance f / gain. Flux below 0, which comes only from
 * the sky's noise, stays as it is. What was noisy before gets noisier: this is what less exposure would add.
 *
 * @param x (B, C, H, W) flux
 * @param gain photons per unit of flux
 */
export function poisson(x: Tensor, gain: number, generator: Generator): Tensor {
  const light = x.clamp(0, null);
  return x.sub(light).add(generator.poisson(light.mul(gain)).div(gain));
}
