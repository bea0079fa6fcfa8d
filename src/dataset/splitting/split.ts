/** Splitting rows into train, val and test, or into folds, without ever splitting a group. */
import { refuse } from "../../foundation/errors.ts";
import { textKey } from "../../foundation/random.ts";
import { SPLITS, type Split } from "../info.ts";
import { countedGroups } from "./counted-groups.ts";

/** The fraction of the rows for each split; they sum to 1. */
export type Fractions = Readonly<Record<Split, number>>;

type Labels = readonly (string | null)[] | undefined;

/**
 * Gives each row a split. Rows of one group go together; each class is split by the fractions, as well as its groups
 * allow. The result depends on the groups' names and the seed, not on the order of rows.
 *
 * @param groups the group of each row
 * @param labels the class of each row, null if unknown (a class of its own); undefined for one class
 * @throws ArcletError when the fractions are not in [0, 1] or don't sum to 1
 */
export function assignSplits(
  groups: readonly string[],
  labels: Labels,
  fractions: Fractions,
  seed: number,
): Split[] {
  const open = SPLITS.filter((split) => fractions[split] > 0);
  const sum = SPLITS.reduce((total, split) => total + fractions[split], 0);
  if (SPLITS.some((split) => !(fractions[split] >= 0)) || Math.abs(sum - 1) > 1e-6)
    refuse("split", "fractions", "train, val and test from 0 to 1 with sum 1", fractions);
  const parts = open.map((split) => fractions[split]);
  return Array.from(divide(groups, labels, parts, seed), (part) => open[part]!);
}

/**
 * Gives each row one of k folds, 0 … k − 1, of equal size; groups and classes as `assignSplits` has them.
 *
 * @throws ArcletError when k is less than 2, or more than there are groups
 */
export function assignFolds(groups: readonly string[], labels: Labels, k: number, seed: number): Int32Array {
  if (!Number.isInteger(k) || k < 2) refuse("split", "folds", "a whole number, at least 2", k);
  const distinct = new Set(groups).size;
  if (k > distinct) refuse("split", "folds", `at most the number of groups (${distinct})`, k);
  const equal = Array.from({ length: k }, () => 1 / k);
  return divide(groups, labels, equal, seed);
}

/**
 * Greedy, the largest groups first: each goes where its classes would be least overfull after half of it has gone in
 * (for single rows that is Sainte-Laguë's rule, which divides seats among parties in proportion and favours neither
 * large nor small).
 */
function divide(
  groups: readonly string[],
  labels: Labels,
  parts: readonly number[],
  seed: number,
): Int32Array {
  const { count, of, firstRows, sizes, totals, classesOf } = countedGroups(groups, labels);
  const nameOf = (group: number) => groups[firstRows[group]!]!;
  const filled = parts.map(() => new Float64Array(totals.length));
  const fullness = (group: number, part: number): number => {
    let sum = 0;
    for (const [label, n] of classesOf(group)) {
      const total = totals[label]!;
      sum += ((n / total) * (filled[part]![label]! + n / 2)) / (parts[part]! * total);
    }
    return sum;
  };
  const keys = Uint32Array.from({ length: count }, (_, group) => textKey(seed, nameOf(group)));
  const inTurn = (a: number, b: number): number =>
    sizes[b]! - sizes[a]! || keys[a]! - keys[b]! || (nameOf(a) < nameOf(b) ? -1 : 1);
  const order = Int32Array.from(keys.keys()).sort(inTurn);
  const chosen = new Int32Array(count);
  for (const group of order) {
    const costs = parts.map((_, part) => fullness(group, part));
    const part = costs.indexOf(Math.min(...costs));
    chosen[group] = part;
    for (const [label, n] of classesOf(group)) filled[part]![label]! += n;
  }
  return of.map((group) => chosen[group]!);
}
