/** Cross-validation that never splits a group. */
import { keyOf, permutation } from "../foundation/random.ts";
import { numberGroups } from "./resample.ts";

/**
 * The fold of every row: groups in random order are dealt to the folds in turn, separately for each stratum, so that every
 * fold has its part of all: simulated and real rows, or positives and negatives.
 *
 * @param groups the group of every row (N)
 * @param strata the stratum of every row, from 0; a group has the highest of its rows' (N)
 * @returns from 0 to `folds` − 1 (N)
 */
export function foldsByGroup(
  groups: ArrayLike<string | number>,
  strata: Uint8Array,
  folds: number,
  seed: number,
): Uint8Array {
  const { index, count } = numberGroups(groups, groups.length);
  const stratumOf = new Uint8Array(count);
  index.forEach((group, row) => {
    stratumOf[group] = Math.max(stratumOf[group]!, strata[row]!);
  });
  const foldOf = new Uint8Array(count);
  for (const stratum of new Set(stratumOf)) {
    let dealt = 0;
    for (const group of permutation(count, keyOf(seed, stratum))) {
      if (stratumOf[group] === stratum) foldOf[group] = dealt++ % folds;
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
