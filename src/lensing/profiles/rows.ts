/**
 * The numbers of many profiles at once, as tensors. A formula is written once and works for N profiles on a common grid
 * (each number is then (N, 1, …)) and for M positions with a profile each (each number is then (M)).
 */
import { tensor } from "../../torch/create.ts";
import type { DType } from "../../torch/dtype.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** A profile's numbers by name, as tensors that broadcast against positions. */
export type Numbers<K extends string = string> = Readonly<Record<K, Tensor>>;

/** The same before they become tensors: one list per name, one entry per profile. */
export type Lists<K extends string = string> = Readonly<Record<K, readonly number[]>>;

/** The numbers of N profiles in one tensor. */
export interface Table<K extends string = string> {
  readonly names: readonly K[];
  /** (names, N) */
  readonly values: Tensor;
}

export function tableOf<K extends string>(lists: Lists<K>, dtype: DType): Table<K> {
  const names = Object.keys(lists) as K[];
  const values = Float64Array.from(names.flatMap((name) => lists[name]));
  return { names, values: tensor(values, [names.length, values.length / names.length], { dtype }) };
}

/** Numbers for N profiles on positions of `ndim` dimensions: (N, 1, …) each. */
export function broadcast<K extends string>({ names, values }: Table<K>, ndim: number): Numbers<K> {
  const shaped = values.reshape([names.length, -1, ...Array<number>(ndim - 1).fill(1)]);
  return named(names, shaped);
}

/** Numbers for M positions, position m with profile index[m]: (M) each. index (M) int64 or int32 */
export function gathered<K extends string>({ names, values }: Table<K>, index: Tensor): Numbers<K> {
  return named(names, values.indexSelect(1, index));
}

const named = <K extends string>(names: readonly K[], values: Tensor): Numbers<K> =>
  Object.fromEntries(names.map((name, k) => [name, values.select(0, k)])) as Record<K, Tensor>;

/** Lists of numbers, from a function that returns one profile's. */
export function listsOf<P, K extends string>(
  profiles: readonly P[],
  numbers: (profile: P) => Record<K, number>,
): Lists<K> {
  const each = profiles.map(numbers);
  const names = Object.keys(each[0] ?? {}) as K[];
  return Object.fromEntries(names.map((name) => [name, each.map((entry) => entry[name])])) as Record<
    K,
    number[]
  >;
}
