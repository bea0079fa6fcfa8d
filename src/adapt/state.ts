/** The joint state of several modules and optimisers, for checkpoints. */
import { ArcletError } from "../foundation/errors.ts";
import type { Tensor } from "../torch/tensor.ts";

/** A module or an optimiser. */
export interface Stateful {
  /** Its tensors by name, for a checkpoint. */
  state(): Map<string, Tensor>;
  /** Takes over a saved state. */
  load(state: ReadonlyMap<string, Tensor>): unknown;
}

/** `part.name` for each tensor of each part. The tensors are the parts' own, not copies. */
export function joinStates(parts: Readonly<Record<string, Stateful>>): Map<string, Tensor> {
  const all = new Map<string, Tensor>();
  for (const [part, holder] of Object.entries(parts))
    for (const [name, value] of holder.state()) all.set(`${part}.${name}`, value);
  return all;
}

/** Gives each part its share of a joined state. @throws ArcletError when the state has an unknown part */
export function loadStates(
  parts: Readonly<Record<string, Stateful>>,
  state: ReadonlyMap<string, Tensor>,
): void {
  const shares = new Map(Object.keys(parts).map((part) => [part, new Map<string, Tensor>()]));
  for (const [name, value] of state) {
    const dot = name.indexOf(".");
    const share = shares.get(name.slice(0, dot));
    if (share === undefined)
      throw new ArcletError({
        where: "state",
        code: "broken",
        problem: `${name} belongs to no part of this method`,
      });
    share.set(name.slice(dot + 1), value);
  }
  for (const [part, holder] of Object.entries(parts)) holder.load(shares.get(part)!);
}
