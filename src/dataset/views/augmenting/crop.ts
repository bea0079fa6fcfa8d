/** A part of each image, at a random place, enlarged to the whole. */
import { arange, stack, where } from "../../../torch/create.ts";
import { gridSample, resize } from "../../../torch/neural.ts";
import type { Generator } from "../../../torch/random.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { cut } from "./shift.ts";

/**
 * A part of a random size at any place, enlarged bilinearly.
 *
 * @param x (B, C, H, W)
 * @param smallest part of the side
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
    const room = part.rsub(1); // the crop's centre is within ± room
    const place = generator.uniform([batch, 1, 1]).mul(2).sub(1).mul(room);
    // Half a pixel within the edge, so that nothing is mixed with what lies outside.
    return centres
      .reshape(shape)
      .mul(part)
      .add(place)
      .clamp(1 / length - 1, 1 - 1 / length);
  };
  const across = axis(width, [1, 1, width]).expand([batch, height, width]);
  const down = axis(height, [1, height, 1]).expand([batch, height, width]);
  return gridSample(x, stack([across, down], -1).to(x.dtype));
}

/**
 * A window of a fixed size at a whole-pixel place, resized bilinearly with its own edges repeated: Albumentations'
 * `RandomCrop` and OpenCV's `INTER_LINEAR`. As in Albumentations of 2022 (1.2: `int((H - h) * u)`, u in [0, 1)), the
 * last place never comes.
 *
 * @param x (B, C, H, W)
 * @param part of the side, rounded to whole pixels
 * @param chance that an image is cropped at all
 */
export function randomWindow(x: Tensor, part: number, chance: number, generator: Generator): Tensor {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const [h, w] = [Math.max(1, Math.round(height * part)), Math.max(1, Math.round(width * part))];
  const starts = (places: number) => generator.integers(0, Math.max(1, places), [batch, 1, 1, 1]);
  const [top, left] = [starts(height - h), starts(width - w)];
  const cropped = generator.uniform([batch, 1, 1, 1]).lt(chance);
  return where(cropped, resize(cut(x, [h, w], top, left), [height, width]), x);
}
