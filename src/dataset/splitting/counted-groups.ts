/** Rows' groups, counted by class. */

/** In some dozens of bytes a group: most have one row, or one class. */
export interface CountedGroups {
  /** How many groups there are; they are numbered by their first rows. */
  count: number;
  /** Each row's group. */
  of: Int32Array;
  /** A row of each group: its first. */
  firstRows: Int32Array;
  /** Rows of each group. */
  sizes: Int32Array;
  /** Rows of each class. */
  totals: readonly number[];
  /** A group's classes, in the order of their first rows, and how many rows each has. */
  classesOf(group: number): Iterable<readonly [label: number, rows: number]>;
}

/**
 * @param groups the group of each row
 * @param labels the class of each row, null if unknown (a class of its own); undefined for one class
 */
export function countedGroups(
  groups: readonly string[],
  labels: readonly (string | null)[] | undefined,
): CountedGroups {
  const numbers = new Map<string, number>();
  const [labelNumbers, totals] = [new Map<string, number>(), [] as number[]];
  const of = new Int32Array(groups.length);
  const [firstRows, sizes, firstLabels] = [0, 0, 0].map(() => new Int32Array(groups.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  /** Of the groups that have more than one class. */
  const mixed = new Map<number, Map<number, number>>();
  for (const [row, name] of groups.entries()) {
    const label = numberOf(labelNumbers, labels?.[row] ?? "");
    totals[label] = (totals[label] ?? 0) + 1;
    const group = numberOf(numbers, name);
    of[row] = group;
    if (sizes[group] === 0) {
      firstRows[group] = row;
      firstLabels[group] = label;
    }
    if (label !== firstLabels[group] && !mixed.has(group))
      mixed.set(group, new Map([[firstLabels[group]!, sizes[group]!]]));
    const counts = mixed.get(group);
    counts?.set(label, (counts.get(label) ?? 0) + 1);
    sizes[group]!++;
  }
  const count = numbers.size;
  return {
    count,
    of,
    firstRows: firstRows.subarray(0, count),
    sizes: sizes.subarray(0, count),
    totals,
    classesOf: (group) => mixed.get(group) ?? [[firstLabels[group]!, sizes[group]!]],
  };
}

/** The name's number: the next one if it has none. */
function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}
