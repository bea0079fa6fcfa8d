/** Tensors from numbers, typed arrays and formulas. */
import { tensorOp } from "./call.ts";
import { type DType, dtypeOf, type TypedArray } from "./dtype.ts";
import { native } from "./native.ts";
import { handleOf } from "./operator.ts";
import { type Shape, Tensor } from "./tensor.ts";

/** Type and place of a new tensor. */
export interface TensorOptions {
  /** float32 by default. */
  dtype?: DType;
  /** `cpu` (the default), `cuda`, `cuda:1`, … */
  device?: string;
}

type Nested = number | readonly Nested[];

/**
 * A tensor from a number, nested lists, or a typed array with its shape (one dimension if none is given). Plain numbers
 * become float32 unless `dtype` says otherwise. The values are copied.
 */
export function tensor(values: Nested | TypedArray, shape?: Shape, options: TensorOptions = {}): Tensor {
  const device = options.device ?? "cpu";
  if (ArrayBuffer.isView(values)) {
    const dtype = dtypeOf(values);
    const handle = native().fromBytes(values, dtype, shape ?? [values.length], device);
    return converted(handle, dtype, options.dtype);
  }
  const sizes: number[] = [];
  for (let level: Nested = values; Array.isArray(level); level = level[0] as Nested) sizes.push(level.length);
  const flat = (Array.isArray(values) ? values.flat(16) : [values]).map(plain);
  const exact = options.dtype === "float64" || options.dtype === "int64" || options.dtype === "int32";
  const data = exact ? Float64Array.from(flat) : Float32Array.from(flat);
  const dtype = exact ? "float64" : "float32";
  const handle = native().fromBytes(data, dtype, shape ?? sizes, device);
  return converted(handle, dtype, options.dtype ?? dtype);
}

function plain(value: unknown): number {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  throw new TypeError(`tensor: values must be numbers, got ${value === null ? "null" : typeof value}`);
}

function converted(handle: number, from: DType, to: DType = from): Tensor {
  const source = new Tensor(handle);
  if (to === from) return source;
  try {
    return source.to(to);
  } finally {
    source.dispose();
  }
}

const op = {
  full: handleOf("aten::full"),
  empty: handleOf("aten::empty.memory_format"),
  arange: handleOf("aten::arange.start_step"),
  linspace: handleOf("aten::linspace"),
  eye: handleOf("aten::eye"),
};

/** A tensor of that shape with one value everywhere; float32 unless told otherwise. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  return new Tensor(op.full(shape, value, options.dtype ?? "float32", undefined, options.device));
}

/** A tensor of zeros; float32 unless told otherwise. */
export const zeros = (shape: Shape, options?: TensorOptions): Tensor => full(shape, 0, options);

/** A tensor of ones; float32 unless told otherwise. */
export const ones = (shape: Shape, options?: TensorOptions): Tensor => full(shape, 1, options);

/** Uninitialised memory, to be filled at once. */
export function empty(shape: Shape, options: TensorOptions = {}): Tensor {
  return new Tensor(op.empty(shape, options.dtype ?? "float32", undefined, options.device));
}

/** start, start + step, … below end; int64 unless `dtype` says otherwise. */
export function arange(start: number, end: number, step = 1, options: TensorOptions = {}): Tensor {
  return new Tensor(op.arange(start, end, step, options.dtype ?? "int64", undefined, options.device));
}
/** `steps` values from start to end, both included. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  return new Tensor(op.linspace(start, end, steps, options.dtype ?? "float32", undefined, options.device));
}

/** The identity matrix (n, n); float32 unless told otherwise. */
export function eye(n: number, options: TensorOptions = {}): Tensor {
  return new Tensor(op.eye(n, options.dtype ?? "float32", undefined, options.device));
}

/** Zeros of another tensor's shape, type and device. */
export const zerosLike: (like: Tensor) => Tensor = tensorOp("aten::zeros_like");

/** Ones of another tensor's shape, type and device. */
export const onesLike: (like: Tensor) => Tensor = tensorOp("aten::ones_like");

/** Tensors concatenated along an existing dimension. */
export const cat: (tensors: readonly Tensor[], dim?: number) => Tensor = tensorOp("aten::cat");
/** Tensors of one shape stacked along a new dimension. */
export const stack: (tensors: readonly Tensor[], dim?: number) => Tensor = tensorOp("aten::stack");
/** Element by element: `yes` where the mask is true, else `no`. */
export const where: (mask: Tensor, yes: Tensor, no: Tensor) => Tensor = tensorOp("aten::where.self");

/** One-hot rows. index (B) int64 → (B, classes) int64 */
export const oneHot: (index: Tensor, classes: number) => Tensor = tensorOp("aten::one_hot");
