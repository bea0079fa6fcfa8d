/** Cross-validation that never divides a group. */
import { keyOf, permutation } from "../../foundation/random.ts";
import { numberGroups } from "../resample.ts";

/**
 * The fold of every row: groups in random order are dealt out to the folds in turn, those of simulated and of real rows
 * each for themselves, so that every fold has its part of both.
 *
 * @param groups the group of every row (N)
 * @param real 1 for a real row (N)
 * @returns from 0 to `folds` − 1 (N)
 */
export function foldsByGroup(
  groups: readonly string[],
  real: Uint8Array,
  folds: number,
  seed: number,
): Uint8Array {
  const { index, count } = numberGroups(groups, groups.length);
  const isReal = new Uint8Array(count);
  index.forEach((group, row) => {
    if (real[row] === 1) isReal[group] = 1;
  });
  const foldOf = new Uint8Array(count);
  for (const side of [0, 1]) {
    let dealt = 0;
    for (const group of permutation(count, keyOf(seed, side))) {
      if (isReal[group] === side) foldOf[group] = dealt++ % folds;
    }
  }
  return Uint8Array.from(index, (group) => foldOf[group]!);
}
