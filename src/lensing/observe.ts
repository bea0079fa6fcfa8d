/** Noise: what the detector and the sky add to a noise-free image. */
import { photonsPerUnit, type Survey } from "../sky/index.ts";
import { Generator, stack, type Tensor, tensor, tidy } from "../torch/index.ts";
import type { Scene } from "./scene.ts";

/**
 * Adds left-over sky, sky noise and the objects' own Poisson noise (by its normal limit: every pixel holds thousands
 * of sky photons). Each object has a generator of its own, so its noise does not depend on its neighbours in a batch.
 *
 * @param images (B, bands, H, W), flux units, no noise
 * @param seeds one an object
 */
export function observe(
  images: Tensor,
  scenes: readonly Scene[],
  seeds: readonly number[],
  survey: Survey,
): Tensor {
  const [, bands, height, width] = images.shape as [number, number, number, number];
  return tidy(() => {
    const noise = stack(seeds.map((seed) => new Generator(seed).normal([bands, height, width])));
    const per = (value: (scene: Scene) => number[]) =>
      tensor(Float32Array.from(scenes.flatMap(value)), [scenes.length, bands, 1, 1]);
    const sigma = per((scene) => scene.skySigma);
    const photons = tensor(
      Float32Array.from(survey.bands, (band) => photonsPerUnit(survey, band)),
      [1, bands, 1, 1],
    );
    const variance = sigma.square().add(images.clamp(0).div(photons));
    const pedestal = per((scene) => scene.pedestal).mul(sigma);
    return images.add(pedestal).add(noise.mul(variance.sqrt()));
  });
}
