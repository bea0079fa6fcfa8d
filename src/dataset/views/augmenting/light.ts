/** How much light there is: in the image, in each band, or none in a band. */
import { arange } from "../../../torch/create.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";

/** Scales each image by a factor in 1 ± most. @param x (B, C, H, W) */
export function brightness(x: Tensor, most: number, generator: Generator): Tensor {
  const scale = generator
    .uniform([x.shape[0]!, 1, 1, 1])
    .mul(2 * most)
    .add(1 - most);
  return x.mul(scale.to(x.dtype));
}

/** Scales each band of each image by a factor in 1 ± most: an error of its zero point. @param x (B, C, H, W) */
export function jitter(x: Tensor, most: number, generator: Generator): Tensor {
  const [batch, bands] = x.shape as [number, number];
  return x.mul(
    generator
      .uniform([batch, bands, 1, 1])
      .mul(2 * most)
      .add(1 - most)
      .to(x.dtype),
  );
}

/** With probability `chance`, sets a random band of an image to 0. @param x (B, C, H, W) */
export function missing(x: Tensor, chance: number, generator: Generator): Tensor {
  const [batch, bands] = x.shape as [number, number];
  const gone = generator.integers(0, bands, [batch, 1, 1, 1]); // (B, 1, 1, 1)
  const any = generator.uniform([batch, 1, 1, 1]).lt(chance);
  const band = arange(0, bands, 1, { device: x.device }).reshape([1, bands, 1, 1]);
  return x.maskedFill(band.eq(gone).and(any), 0);
}
