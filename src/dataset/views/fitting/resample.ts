/**
 * Images on other pixels: the middle of each image, on a grid of another pixel scale about the same centre. Antialiased
 * bilinear: each new pixel is a mean of the old ones, weighted by a triangle as wide as the wider of both pixels (as
 * Pillow's BILINEAR), and nothing is read from beyond the edge. Two matrix products for a whole batch; the result stays
 * between the least and the largest pixel, as 8-bit images need. `importing/remap` keeps flux to the last digits and may
 * ring.
 */
import { tensor } from "../../../torch/create.ts";
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { PixelKind } from "../../info.ts";

/**
 * @param images (B, C, H, W) as stored
 * @param pixels flux is multiplied by the new pixel's area over the old one's, so that an object's total is conserved;
 *   display values are rounded to 8 bits
 * @param step side of a new pixel over that of an old one
 * @param size height and width of the result, new pixels
 */
export function resample(
  images: Tensor,
  pixels: PixelKind,
  step: number,
  [height, width]: readonly [number, number],
): Tensor {
  const [h, w] = images.shape.slice(2) as [number, number];
  return tidy(() => {
    const down = tensor(triangles(h, height, step), [height, h]);
    const across = tensor(triangles(w, width, step), [width, w]);
    const means = down.matmul(images.to("float32")).matmul(across.transpose(0, 1)); // (B, C, height, width)
    return pixels === "flux" ? means.mul(step * step) : means.round().clamp(0, 255).to("uint8");
  });
}

/** The weight of each of `from` old pixels along a line in each of `to` new ones: (to × from), rows of sum 1. */
function triangles(from: number, to: number, step: number): Float32Array {
  const reach = Math.max(1, step);
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = from / 2 + (i + 0.5 - to / 2) * step;
    const row = Array.from({ length: from }, (_, j) => Math.max(0, 1 - Math.abs(j + 0.5 - centre) / reach));
    const sum = row.reduce((total, weight) => total + weight, 0);
    row.forEach((weight, j) => {
      weights[i * from + j] = weight / sum;
    });
  }
  return weights;
}

/** The middle of images, whole pixels: values stay as they are. (B, C, H, W) → (B, C, height, width) */
export function middle(images: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [h, w] = images.shape.slice(2) as [number, number];
  return tidy(() => images.narrow(2, (h - height) >> 1, height).narrow(3, (w - width) >> 1, width));
}
