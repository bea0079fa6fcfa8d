/** A random part of each image, enlarged to the whole. */
import { arange, stack, where } from "../../../torch/create.ts";
import { gridSample, resize } from "../../../torch/neural.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { cut } from "./shift.ts";

/**
 * A part of random size and position, enlarged bilinearly.
 *
 * @param x (B, C, H, W)
 * @param smallest as a fraction of the side
 */
export function cropAndResize(x: Tensor, smallest: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const part = generator
    .uniform([batch, 1, 1])
    .mul(1 - smallest)
    .add(smallest); // of the side
  const axis = (length: number, shape: [number, number, number]) => {
    const centres = arange(0, length, 1, { dtype: "float32", device: x.device })
      .mul(2)
      .add(1)
      .div(length)
      .sub(1);
    const most = part.rsub(1); // the crop's centre is within ± most
    const centre = generator.uniform([batch, 1, 1]).mul(2).sub(1).mul(most);
    // Half a pixel inside the edge, so that nothing from outside is mixed in.
    return centres
      .reshape(shape)
      .mul(part)
      .add(centre)
      .clamp(1 / length - 1, 1 - 1 / length);
  };
  const across = axis(width, [1, 1, width]).expand([batch, height, width]);
  const down = axis(height, [1, height, 1]).expand([batch, height, width]);
  return gridSample(x, stack([across, down], -1).to(x.dtype));
}

/**
 * A window of a fixed size at a whole-pixel position, resized bilinearly with its own edges repeated: Albumentations'
 * `RandomCrop` and OpenCV's `INTER_LINEAR`. As in Albumentations of 2022 (1.2: `int((H - h) * u)`, u in [0, 1)), the
 * last position never comes.
 *
 * @param x (B, C, H, W)
 * @param part fraction of the side, rounded to whole pixels
 * @param chance that an image is cropped at all
 */
export function randomWindow(x: Tensor, part: number, chance: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const [h, w] = [Math.max(1, Math.round(height * part)), Math.max(1, Math.round(width * part))];
  const starts = (count: number) => generator.integers(0, Math.max(1, count), [batch, 1, 1, 1]);
  const [top, left] = [starts(height - h), starts(width - w)];
  const cropped = generator.uniform([batch, 1, 1, 1]).lt(chance);
  return where(cropped, resize(cut(x, [h, w], top, left), [height, width]), x);
}
