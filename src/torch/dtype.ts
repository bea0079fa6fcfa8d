/** Element types, and the typed arrays that carry them in JavaScript. */
export type DType =
  | "float64"
  | "float32"
  | "bfloat16"
  | "float16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** The arrays of JavaScript that hold a tensor's values. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** Bytes of one value. */
export const bytesOf: Readonly<Record<DType, number>> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  bfloat16: 2,
  float16: 2,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** The typed array that holds values of `dtype`; 16-bit floats have none and are read as float32. */
export const arrayOf: Record<
  Exclude<DType, "bfloat16" | "float16">,
  new (
    buffer: ArrayBuffer,
  ) => TypedArray
> = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The element type of a typed array. @throws TypeError if libtorch has none */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Int16Array) return "int16";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof Uint8Array) return "uint8";
  throw new TypeError(`tensor: no element type for ${(array as object).constructor.name}`);
}

/** Whether a type has fractions, so that gradients flow through it. */
export const isFloating = (dtype: DType): boolean =>
  dtype === "float32" || dtype === "float64" || dtype === "bfloat16" || dtype === "float16";
