/** Splitting rows into train, val and test, or into folds, without ever splitting a group. */
import { refuse } from "../../foundation/errors.ts";
import { textKey } from "../../foundation/random.ts";
import { SPLITS, type Split } from "../info.ts";

/** The fraction of the rows for each split; they sum to 1. */
export type Fractions = Readonly<Record<Split, number>>;

interface Group {
  name: string;
  /** Rows of each class in the group. */
  counts: Map<string, number>;
  size: number;
  key: number;
}

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
  const totals = new Map<string, number>();
  const byName = new Map<string, Group>();
  groups.forEach((name, row) => {
    const label = labels?.[row] ?? "";
    totals.set(label, (totals.get(label) ?? 0) + 1);
    let group = byName.get(name);
    if (group === undefined) {
      group = { name, counts: new Map(), size: 0, key: textKey(seed, name) };
      byName.set(name, group);
    }
    group.counts.set(label, (group.counts.get(label) ?? 0) + 1);
    group.size++;
  });

  const filled = parts.map(() => new Map<string, number>());
  const fullness = (group: Group, part: number): number => {
    let sum = 0;
    for (const [label, n] of group.counts) {
      const total = totals.get(label)!;
      sum += ((n / total) * ((filled[part]!.get(label) ?? 0) + n / 2)) / (parts[part]! * total);
    }
    return sum;
  };
  const chosen = new Map<string, number>();
  for (const group of [...byName.values()].sort(inTurn)) {
    const costs = parts.map((_, part) => fullness(group, part));
    const part = costs.indexOf(Math.min(...costs));
    chosen.set(group.name, part);
    const counts = filled[part]!;
    for (const [label, n] of group.counts) counts.set(label, (counts.get(label) ?? 0) + n);
  }
  return Int32Array.from(groups, (name) => chosen.get(name)!);
}

function inTurn(a: Group, b: Group): number {
  return b.size - a.size || a.key - b.key || (a.name < b.name ? -1 : 1);
}
