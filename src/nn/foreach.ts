/**
 * Operators on lists of tensors (`aten::_foreach_*`): one call through the door for all weights of a network. Those with
 * an underscore change their first list in place.
 */
import { call } from "../torch/call.ts";
import type { Tensor } from "../torch/tensor.ts";

type List = readonly Tensor[];

/** Calls `aten::_foreach_NAME`, which often returns nothing. */
function each(name: string, tensors: List, ...args: unknown[]): unknown {
  return tensors.length === 0 ? [] : call(`aten::_foreach_${name}`, tensors, ...args);
}

/** x ← factor x */
export const scaleList_ = (x: List, factor: number): void => void each("mul_.Scalar", x, factor);
/** x ← x + alpha y */
export const addLists_ = (x: List, y: List, alpha = 1): void => void each("add_.List", x, y, alpha);
/** x ← x + values, one number per tensor */
export const addNumbers_ = (x: List, values: readonly number[]): void =>
  void each("add_.ScalarList", x, values);
/** x ← x + value · y ∘ z */
export const addProducts_ = (x: List, y: List, z: List, value: number): void =>
  void each("addcmul_.Scalar", x, y, z, value);
/** x ← x + values · y / z, one number per tensor */
export const addQuotients_ = (x: List, y: List, z: List, values: readonly number[]): void =>
  void each("addcdiv_.ScalarList", x, y, z, values);
export const addLists = (x: List, y: List, alpha = 1): Tensor[] => each("add.List", x, y, alpha) as Tensor[];
export const sqrtList = (x: List): Tensor[] => each("sqrt", x) as Tensor[];
/** 2-norms, one scalar per tensor. */
export const normList = (x: List): Tensor[] => each("norm.Scalar", x, 2) as Tensor[];
