/** Cross-validation that never splits a group. */
import { keyOf, permutation } from "../../foundation/random.ts";
import { numberGroups } from "../resample.ts";

/**
 * The fold of every row: groups in random order are dealt to the folds in turn, separately for simulated and real rows, so
 * that every fold has its part of both.
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

/** Scores of all rows, each by a classifier that learned from the other folds. */
export async function crossValidated(
  foldOf: Uint8Array,
  folds: number,
  scored: (held: Uint8Array, fold: number) => Float64Array | Promise<Float64Array>,
): Promise<Float64Array> {
  const scores = new Float64Array(foldOf.length);
  for (let fold = 0; fold < folds; fold++) {
    const held = foldOf.map((ofRow) => Number(ofRow === fold));
    const values = await scored(held, fold);
    let next = 0;
    for (const [row, isHeld] of held.entries()) if (isHeld === 1) scores[row] = values[next++]!;
  }
  return scores;
}
