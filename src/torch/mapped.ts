/** Tensors that are memory-mapped files: pages are read when touched, and nothing is copied. */

import { statSync } from "node:fs";
import { refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { tensorOp } from "./call.ts";
import { empty } from "./create.ts";
import { bytesOf, type DType } from "./dtype.ts";
import { handleOf } from "./operator.ts";
import { tidy } from "./scope.ts";
import { type Shape, Tensor } from "./tensor.ts";

const op = { fromFile: handleOf("aten::from_file") };

/** The same bytes read as another type. */
export const viewAs: (values: Tensor, dtype: DType) => Tensor = tensorOp("aten::view.dtype");

/**
 * Maps values of the given `shape` and `dtype` that start `offset` bytes into a file (a multiple of the value's size).
 * Writing to the tensor does not change the file.
 *
 * The file's size is checked when it is mapped, and the file must not be truncated while the tensor lives: the system
 * ends a process that touches pages that are gone (SIGBUS), and no error can be thrown for it. Replacing the file by
 * renaming another over it (`writeFileWhole`) is harmless: the old pages stay until unmapped.
 *
 * @throws ArcletError when the file is missing or too short
 */
export function mapFile(path: string, dtype: DType, shape: Shape, offset = 0): Tensor {
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    refuse(path, "shape", "of whole numbers", shape);
  }
  if (!Number.isSafeInteger(offset) || offset < 0) refuse(path, "offset", "a whole number of bytes", offset);
  const bytes = shape.reduce((product, length) => product * length, 1) * bytesOf[dtype];
  const size = guarded(path, () => statSync(path).size);
  if (size < offset + bytes) refuse(path, "file", `at least ${offset + bytes} bytes long`, size, "truncated");
  if (offset % bytesOf[dtype] !== 0) refuse(path, "offset", `a multiple of ${bytesOf[dtype]} bytes`, offset);
  if (bytes === 0) return empty(shape, { dtype }); // an empty range can't be mapped
  return tidy(() => {
    const whole = new Tensor(op.fromFile(path, false, offset + bytes, "uint8")); // (offset + bytes)
    const values = whole.slice(0, offset); // (bytes)
    return viewAs(values, dtype).reshape(shape);
  });
}
