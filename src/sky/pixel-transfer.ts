/** A pixel's average over its square, and its inverse, as factors on the Fourier transforms of images. */
import { tensor } from "../torch/create.ts";
import type { DType } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { sharpeningSeries } from "./pixel-response.ts";

/** The inverse of the average over `side` pixels, as `sharpenedKernel` has it, as a factor on the Fourier transform of a grid, along both axes: (size, size / 2 + 1). */
export const sharpening = (size: number, side: number, dtype: DType): Tensor =>
  onTransform(size, dtype, (k) => {
    const c = 2 - 2 * Math.cos(k);
    return sharpeningSeries(side).reduceRight((sum, factor) => (sum + factor) * c, 0) + 1;
  });

/** The average over a square of `side` pixels, as a factor on the Fourier transform: (size, size / 2 + 1). */
export const averaging = (size: number, side: number, dtype: DType): Tensor =>
  onTransform(size, dtype, (k) => (k * side === 0 ? 1 : Math.sin((k * side) / 2) / ((k * side) / 2)));

/** An even function of the frequency along an axis (radians a pixel), times the same along the other. */
function onTransform(size: number, dtype: DType, along: (k: number) => number): Tensor {
  const values = Float64Array.from({ length: size }, (_, i) =>
    along((2 * Math.PI * Math.min(i, size - i)) / size),
  );
  const half = Math.floor(size / 2) + 1;
  return tidy(() => {
    const rows = tensor(values, [size, 1], { dtype });
    return rows.mul(tensor(values.slice(0, half), [1, half], { dtype }));
  });
}
