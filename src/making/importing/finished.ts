/** The counts of an import that was killed just before its end, from the finished dataset. */
import { openDataset } from "../../dataset/dataset.ts";
import { SPLITS, type Split } from "../../dataset/info.ts";
import { kindsSetAside } from "../../dataset/set-aside-list.ts";

/** Rows by split and by class, and rows set aside by the kind of reason. */
export interface Counts {
  splits: Record<Split, number>;
  labels: Record<string, number>;
  setAside: Record<string, number>;
}

export function counted(
  rows: Iterable<{ split: string; label: string | null }>,
  classes: readonly string[],
  kinds: Iterable<string>,
): Counts {
  const [splits, labels, setAside] = [SPLITS, classes, []].map(
    (names) => new Map<string, number>(names.map((name) => [name, 0])),
  ) as [Map<string, number>, Map<string, number>, Map<string, number>];
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);
  for (const { split, label } of rows) {
    count(splits, split);
    if (label !== null) count(labels, label);
  }
  for (const kind of kinds) count(setAside, kind);
  return {
    splits: Object.fromEntries(splits) as Record<Split, number>,
    labels: Object.fromEntries(labels),
    setAside: Object.fromEntries(setAside),
  };
}

/** The same, read from a finished folder. */
export async function countsIn(folder: string): Promise<Counts> {
  const dataset = await openDataset(folder);
  try {
    const labels = dataset.column("label");
    const rows = dataset.splits.map((split, i) => ({ split, label: labels[i] as string | null }));
    return counted(rows, dataset.info.classes, await kindsSetAside(folder));
  } finally {
    dataset.close();
  }
}
