/**
 * Convolution of maps of a few pixels as one matrix product. The last stage of a ResNet sees 2 × 2 pixels of a 48-pixel
 * cutout; a kernel of 3 × 3 then lies mostly on padding, and libraries that walk over pixels spend their time there. With
 * every pair of input and output pixel written out, the layer is a linear one: docs/decisions/nn.md has the times.
 */
import { addCost } from "../torch/cost.ts";
import { cat, tensor, zeros } from "../torch/create.ts";
import { linear } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import { isWatched } from "../torch/watching.ts";

/** At most so many output and input pixels; beyond, the product's zeros cost more than they save. */
const OUTPUT_PIXELS = 4;
const INPUT_PIXELS = 9;

export interface Geometry {
  stride: readonly [number, number];
  padding: readonly [number, number];
}

/** Height and width of the output. */
function outputSize(x: Tensor, weight: Tensor, { stride, padding }: Geometry): [number, number] {
  const along = (axis: 0 | 1) =>
    Math.floor((x.shape[2 + axis]! + 2 * padding[axis] - weight.shape[2 + axis]!) / stride[axis]) + 1;
  return [along(0), along(1)];
}

/** Whether the matrix product is libtorch's faster way (other engines get the convolution), of x (B, I, H, W) and weight (O, I, h, w) with more than one pixel. */
export function hasFewPixels(x: Tensor, weight: Tensor, geometry: Geometry): boolean {
  if (x.shape.length !== 4 || x.shape[2]! * x.shape[3]! > INPUT_PIXELS || x.device !== "cpu") return false;
  if (isWatched()) return false;
  if (weight.shape[2]! * weight.shape[3]! === 1 || weight.shape[1] !== x.shape[1]) return false;
  const [height, width] = outputSize(x, weight, geometry);
  return height >= 1 && width >= 1 && height * width <= OUTPUT_PIXELS;
}

/** x (B, I, H, W), weight (O, I, h, w), bias (O) → (B, O, H', W'), for maps that `hasFewPixels` accepts */
export function convFewPixels(x: Tensor, weight: Tensor, bias: Tensor | null, geometry: Geometry): Tensor {
  const [batch, input, height, width] = x.shape as [number, number, number, number];
  const [output, , kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [down, across] = outputSize(x, weight, geometry);
  const taps = kernelHeight * kernelWidth;
  // Where the kernel does not reach, the product has a zero: one more tap.
  const tapOf: number[] = [];
  for (let p = 0; p < down * across; p++)
    for (let q = 0; q < height * width; q++) {
      const i = Math.floor(q / width) - Math.floor(p / across) * geometry.stride[0] + geometry.padding[0];
      const j = (q % width) - (p % across) * geometry.stride[1] + geometry.padding[1];
      const reached = i >= 0 && i < kernelHeight && j >= 0 && j < kernelWidth;
      tapOf.push(reached ? i * kernelWidth + j : taps);
    }
  const byTap = weight.permute([0, 2, 3, 1]).reshape([output, taps, input]);
  const kernels = tapOf.includes(taps)
    ? cat([byTap, zeros([output, 1, input], { dtype: weight.dtype })], 1)
    : byTap;
  const matrix = kernels
    .indexSelect(1, tensor(tapOf, [tapOf.length], { dtype: "int64" }))
    .reshape([output * down * across, height * width * input]);
  const pixels = x.permute([0, 2, 3, 1]).reshape([batch, height * width * input]);
  // As convolutions leave it, so that what follows stays channels-last; with a copy, since there are few pixels.
  const y = linear(pixels, matrix).reshape([batch, output, down, across]).contiguous("channels_last");
  // A convolution's cost is counted with what falls on its padding, as elsewhere; the product's is less.
  addCost(() => y.size * input * taps - pixels.size * matrix.shape[0]!);
  return bias === null ? y : y.add(bias.reshape([1, output, 1, 1]));
}
