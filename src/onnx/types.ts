/** Element types by ONNX's numbers (onnx.proto, TensorProto.DataType). */
import type { DType } from "../torch/dtype.ts";

const NUMBERS: Partial<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** @throws TypeError for one that is not used in graphs */
export function onnxType(dtype: DType): number {
  const number = NUMBERS[dtype];
  if (number === undefined) throw new TypeError(`onnx: no element type for ${dtype}`);
  return number;
}
