/**
 * What a tensor's methods compute, written once: `Tensor` implements this, and editors and the site show these texts on it.
 *
 * Shapes broadcast as in libtorch: aligned from the last dimension, a length of 1 stretches. Dimensions count from 0, negative
 * ones from the end. Every method returns a new tensor; `reshape`, `permute`, `slice` and their like share memory with the old
 * one. What libtorch refuses (shapes that don't broadcast, a dimension that isn't there, a disposed tensor) throws an `Error`
 * with libtorch's own line.
 */
import type { Dims } from "./dims.ts";
import type { DType } from "./dtype.ts";

/** Length of every dimension, slowest first: (B, C, H, W) for images. A scalar's is empty. */
export type Shape = readonly number[];

/** How the elements lie in memory: row-major, channels last (for convolutions of images), or as they are. */
export type MemoryFormat = "contiguous" | "channels_last" | "preserve";

/** The methods of a tensor `T` by which new tensors are computed. */
export interface Operations<T> {
  /** this + alpha · other, broadcast. */
  add(other: T | number, alpha?: number): T;
  /** this − other, broadcast. */
  sub(other: T | number): T;
  /** this · other, element by element, broadcast. */
  mul(other: T | number): T;
  /** this / other, element by element, broadcast; of whole numbers a float32. */
  div(other: T | number): T;
  /** The quotient rounded down, broadcast. */
  floorDivide(other: T | number): T;
  /** The rest of `floorDivide`, with the divisor's sign. */
  remainder(other: T | number): T;
  /** this to the power of `exponent`, broadcast. */
  pow(exponent: T | number): T;
  /** The angle of the point (x, this), radians from −π to π. */
  atan2(x: T): T;
  /** The larger of both, element by element, broadcast; NaN if either is. */
  maximum(other: T | number): T;
  /** The smaller of both, element by element, broadcast; NaN if either is. */
  minimum(other: T | number): T;
  /** Values below `min` become `min`, above `max` become `max`; null or nothing is no bound, but one must be given. */
  clamp(min?: number | null, max?: number | null): T;
  /** The matrix product over the last dimension of this and the last but one of `other`: (…, n, k) × (…, k, m) → (…, n, m). */
  matmul(other: T): T;

  /** x where x > 0, else slope · x. */
  leakyRelu(slope?: number): T;
  /** x where x > 0, else alpha · (eˣ − 1). */
  elu(alpha?: number): T;
  /** x where x > 0, else weight · x. @param weight one number, or one a channel (C) of this (B, C, …) */
  prelu(weight: T): T;
  /** eˣ over its sum along `dim`: shares that sum to 1. */
  softmax(dim: number): T;
  /** The logarithm of `softmax`, without its underflow. */
  logSoftmax(dim: number): T;
  /** −x */
  neg(): T;
  /** |x| */
  abs(): T;
  /** The square root; NaN below 0. */
  sqrt(): T;
  /** 1 over the square root. */
  rsqrt(): T;
  /** x² */
  square(): T;
  /** eˣ */
  exp(): T;
  /** The natural logarithm; NaN below 0, −∞ at 0. */
  log(): T;
  /** ln(1 + x), exact for small x. */
  log1p(): T;
  /** The sine of radians. */
  sin(): T;
  /** The cosine of radians. */
  cos(): T;
  /** The arctangent, radians. */
  atan(): T;
  /** The inverse hyperbolic tangent. */
  atanh(): T;
  /** The inverse hyperbolic sine: linear near 0, logarithmic far from it. */
  asinh(): T;
  /** −1, 0 or 1. */
  sign(): T;
  /** The largest whole number that is not above. */
  floor(): T;
  /** The nearest whole number, halves to the even one. */
  round(): T;
  /** 1 / x */
  reciprocal(): T;
  /** 1 / (1 + e⁻ˣ) */
  sigmoid(): T;
  /** The logarithm of `sigmoid`, without its underflow. */
  logSigmoid(): T;
  /** The hyperbolic tangent. */
  tanh(): T;
  /** max(x, 0) */
  relu(): T;
  /** x · sigmoid(x) (Elfwing et al. 2017, arXiv:1702.03118). */
  silu(): T;
  /** x Φ(x), Φ the normal distribution's (Hendrycks & Gimpel 2016, arXiv:1606.08415). */
  gelu(): T;
  /** ln(1 + eˣ) */
  softplus(): T;
  /** Where values are neither infinite nor NaN: bool. */
  isfinite(): T;
  /** Where values are NaN: bool. */
  isnan(): T;

  /** The sum over `dim`, or over everything. @param keepdim whether reduced dimensions stay, with length 1 */
  sum(dim?: Dims, keepdim?: boolean): T;
  /** The mean over `dim`, or over everything; of floating-point tensors. */
  mean(dim?: Dims, keepdim?: boolean): T;
  /** The largest value over `dim`, or over everything. */
  max(dim?: Dims, keepdim?: boolean): T;
  /** The smallest value over `dim`, or over everything. */
  min(dim?: Dims, keepdim?: boolean): T;
  /** The index of the largest value along `dim`, or in all elements in row-major order: int64. */
  argmax(dim?: number, keepdim?: boolean): T;
  /** Running sums along `dim`; the shape stays. */
  cumsum(dim: number): T;
  /** Whether every element is nonzero: one bool. */
  all(): T;
  /** Whether any element is nonzero: one bool. */
  any(): T;

  /** The same elements in row-major order under another shape; one length may be −1, for what is left. */
  reshape(shape: Shape): T;
  /** Dimensions in another order: dimension i of the result is `order[i]` of this. */
  permute(order: Shape): T;
  /** Two dimensions exchanged. */
  transpose(a: number, b: number): T;
  /** Without dimension `dim`, if its length is 1. */
  squeeze(dim: number): T;
  /** With a new dimension of length 1 at `dim`. */
  unsqueeze(dim: number): T;
  /** Dimensions of length 1 stretched, without copying; −1 leaves one as it is. */
  expand(shape: Shape): T;
  /** Dimensions `from` to `to` as one; all by default. */
  flatten(from?: number, to?: number): T;
  /** Reversed along `dim`. */
  flip(dim: Dims): T;
  /** Shifted along each `dim` by its shift; what leaves at one end comes in at the other. */
  roll(shifts: Shape, dim: Shape): T;
  /** Copies side by side, as many along each dimension as `times` says. */
  repeat(times: Shape): T;
  /** Indices `start` to `end` (exclusive) along `dim`, every `step`-th; to the last by default. */
  slice(dim: number, start: number, end?: number, step?: number): T;
  /** What is at `index` along `dim`; the dimension goes. */
  select(dim: number, index: number): T;
  /** `length` indices along `dim`, from `start`. */
  narrow(dim: number, start: number, length: number): T;
  /** What is at these indices along `dim`, in their order. @param index (n) int64 or int32 */
  indexSelect(dim: number, index: T): T;
  /** For each element of `index`, the value at that index along `dim`. @param index int64, as many dimensions as this */
  gather(dim: number, index: T): T;
  /** `value` where the mask is true. @param mask bool, broadcast to this */
  maskedFill(mask: T, value: number): T;

  /** The values as another type; the same tensor's memory if it has the type already. */
  to(dtype: DType): T;
  /** The values on another device: `cpu`, `cuda`, `cuda:1`, … */
  toDevice(device: string): T;
  /** The values in that order in memory; a copy only if they are not in it. */
  contiguous(format?: MemoryFormat): T;
  /**
   * A copy of its own memory; gradients flow through it. With a layout its strides are the layout's, even where others would
   * mean the same.
   */
  clone(format?: MemoryFormat): T;

  /** Where this equals `other`, broadcast: bool. */
  eq(other: T | number): T;
  /** Where this differs from `other`, broadcast: bool. */
  ne(other: T | number): T;
  /** Where this is less than `other`, broadcast: bool. */
  lt(other: T | number): T;
  /** Where this is at most `other`, broadcast: bool. */
  le(other: T | number): T;
  /** Where this is greater than `other`, broadcast: bool. */
  gt(other: T | number): T;
  /** Where this is at least `other`, broadcast: bool. */
  ge(other: T | number): T;
  /** Where both are nonzero, broadcast: bool. */
  and(other: T): T;
  /** Where either is nonzero, broadcast: bool. */
  or(other: T): T;
  /** Where this is zero: bool. */
  not(): T;
}
