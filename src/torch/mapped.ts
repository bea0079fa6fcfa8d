/** Tensors that lie in a file: pages are read when touched, and nothing is copied. */
import { statSync } from "node:fs";
import { refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import type { DType } from "./dtype.ts";
import { handleOf } from "./operator.ts";
import { tidy } from "./scope.ts";
import { type Shape, Tensor } from "./tensor.ts";

const op = { fromFile: handleOf("aten::from_file"), view: handleOf("aten::view.dtype") };
const BYTES: Record<DType, number> = {
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

/**
 * Maps `shape` values of `dtype` that start `offset` bytes into a file (a multiple of the value's size). Writing
 * to the tensor does not change the file.
 *
 * @throws ArcletError when the file is missing or too short
 */
export function mapFile(path: string, dtype: DType, shape: Shape, offset = 0): Tensor {
  const bytes = shape.reduce((product, length) => product * length, 1) * BYTES[dtype];
  const size = guarded(path, () => statSync(path).size);
  if (size < offset + bytes) refuse(path, "file", `at least ${offset + bytes} bytes`, `${size} bytes`);
  if (offset % BYTES[dtype] !== 0) refuse(path, "offset", `a multiple of ${BYTES[dtype]} bytes`, offset);
  return tidy(() => {
    const whole = new Tensor(op.fromFile(path, false, offset + bytes, "uint8")); // (offset + bytes)
    const values = whole.slice(0, offset); // (bytes)
    return new Tensor(op.view(values, dtype)).reshape(shape);
  });
}
