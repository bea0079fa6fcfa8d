/** States as text, to compare them to the last bit. */
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Every tensor of a state as text, by name: texts are equal if the tensors are equal to the last bit. */
export const bitsOf = (state: () => ReadonlyMap<string, Tensor>): Map<string, string> =>
  tidy(() => new Map([...state()].map(([name, value]) => [name, String(value.detach().numbers())])));

/** The first name at which two states differ; undefined if they don't. */
export const differing = (
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): string | undefined => [...new Set([...a.keys(), ...b.keys()])].find((name) => a.get(name) !== b.get(name));
