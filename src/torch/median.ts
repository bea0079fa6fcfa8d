/** Medians of tensors. Of an even number of values libtorch's is the smaller of the middle two. */
import { call } from "./call.ts";
import type { Tensor } from "./tensor.ts";

/** The lower median along an axis, which is removed or kept with length 1. */
export const lowerMedian = (x: Tensor, axis: number, keep = false): Tensor =>
  (call("aten::median.dim", x, axis, keep) as [Tensor, Tensor])[0];

/** The lower median of all values. */
export const lowerMedianOf = (x: Tensor): number => (call("aten::median", x) as Tensor).item();
