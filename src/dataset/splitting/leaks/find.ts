/** Everything that datasets, or splits of one, share and must not. */
import type { Progress } from "../../../foundation/progress.ts";
import { Fingerprints } from "../grouping/fingerprint.ts";
import { nearPairs } from "../grouping/near.ts";
import { commonField, fingerprintsOf } from "../grouping/prints.ts";
import { type Compared, type ComparedRow, LEAK_KINDS, type Leak, type LeakKind } from "./leak.ts";
import { nearOnSky, together } from "./near-sky.ts";
import type { DatasetRows } from "./rows.ts";
import { sameKeys } from "./same.ts";

/** Positions this close are one position. */
export const SAME_POSITION = 3; // arcsec
/**
 * Images whose fingerprints correlate by at least this are nearly identical; measured in
 * test/dataset/splitting/grouping/likeness.test.ts.
 */
export const ALIKE = 0.9;

export interface FindOptions {
  /** Arcsec. */
  radius: number;
  /** Smallest correlation of the fingerprints of nearly identical images; null: identical ones only. */
  alike: number | null;
  /** Starts a progress bar for a number of images to read, or to compare. */
  bar?: (label: string, total: number) => Progress;
}

export interface Found {
  leaks: Leak[];
  /** What could not be compared, in words. */
  notes: string[];
}

/**
 * Finds leaks of every kind among datasets, and between them and catalogues. A pair of rows is listed once, under the
 * first kind that applies of id, group, position, identical, alike.
 */
export async function findLeaks(
  datasets: readonly DatasetRows[],
  catalogues: readonly Compared[],
  { radius, alike, bar }: FindOptions,
): Promise<Found> {
  const notes: string[] = [];
  const hashless = datasets.filter(({ hashes }) => hashes === null);
  const field = alike === null ? null : commonField(datasets.map(({ info }) => info));
  if (alike !== null && field === null)
    notes.push(
      "nearly identical images were not searched for: images of under 16 pixels can't be told apart",
    );
  const prints: Fingerprints[] = [];
  if (field !== null || hashless.length > 0) {
    const read = field === null ? hashless : datasets;
    const reading = bar?.(
      "read",
      read.reduce((sum, { count }) => sum + count, 0),
    );
    for (const dataset of read) {
      const hashes = dataset.hashes === null ? new Array<string>(dataset.count) : null;
      const onHash = (row: number, hash: string) => {
        if (hashes !== null) hashes[row] = hash;
      };
      prints.push(
        await fingerprintsOf(dataset, field, (n) => reading?.tick(n), hashes === null ? undefined : onHash),
      );
      if (hashes !== null) dataset.hashes = hashes;
    }
    reading?.done();
  }
  const bare = prints.map(({ norms }) => norms.reduce((sum, norm) => sum + Number(norm === 0), 0));
  datasets.forEach(({ name }, k) => {
    if (field !== null && bare[k]! > 0)
      notes.push(`${name}: ${bare[k]} images are round or flat, with nothing to tell them apart by`);
  });
  const compared: Compared[] = [...datasets, ...catalogues];
  for (const { name, positions } of compared)
    if (positions === null) notes.push(`${name}: has no sky positions (ra, dec), so none were compared`);
  const leaks = [
    ...sameKeys("id", compared),
    ...sameKeys("group", compared),
    ...nearOnSky(compared, radius),
    ...sameKeys("identical", compared),
    ...(field === null ? [] : await alikeLeaks(datasets, prints, alike!, bar)),
  ];
  return { leaks: once(leaks), notes };
}

/** Nearly identical images of different datasets or splits. */
async function alikeLeaks(
  datasets: readonly DatasetRows[],
  prints: readonly Fingerprints[],
  least: number,
  bar: FindOptions["bar"],
): Promise<Leak[]> {
  const { count, colours, starts, locate } = together(datasets);
  const all = new Fingerprints(count);
  prints.forEach((part, k) => {
    all.copy(part, starts[k]!);
  });
  const pairs = new Map<number, number>();
  const comparing = bar?.("compare", count);
  await nearPairs(all, {
    least,
    relevant: (a, b) => colours[a] !== colours[b],
    report: (a, b, likeness) => pairs.set(Math.min(a, b) * count + Math.max(a, b), likeness),
    tick: (n) => comparing?.tick(n),
  });
  comparing?.done();
  return [...pairs]
    .sort(([a], [b]) => a - b)
    .map(([pair, value]) => ({
      kind: "alike",
      a: locate(Math.floor(pair / count)),
      b: locate(pair % count),
      value,
    }));
}

/** Each pair of rows once, under the first kind. */
function once(leaks: readonly Leak[]): Leak[] {
  const numbers = new Map<Compared, number>();
  const keyOf = ({ origin, row }: ComparedRow) => {
    if (!numbers.has(origin)) numbers.set(origin, numbers.size);
    return `${numbers.get(origin)}/${row}`;
  };
  const seen = new Set<string>();
  return leaks.filter(({ a, b }) => {
    const pair = [keyOf(a), keyOf(b)].sort().join(" ");
    if (seen.has(pair)) return false;
    seen.add(pair);
    return true;
  });
}

/** How many leaks of each kind there are between each two datasets and splits, the most first. */
export function tally(
  leaks: readonly Leak[],
): { kind: LeakKind; between: string; pairs: number; rows: number }[] {
  const cells = new Map<string, { kind: LeakKind; between: string; pairs: number; ids: Set<string> }>();
  for (const { kind, a, b } of leaks) {
    const side = ({ origin, row }: ComparedRow) => `${origin.name} ${origin.splits?.[row] ?? ""}`.trimEnd();
    const between = [side(a), side(b)].sort().join(" and ");
    const key = `${kind} ${between}`;
    const cell = cells.get(key) ?? { kind, between, pairs: 0, ids: new Set<string>() };
    cells.set(key, cell);
    cell.pairs++;
    for (const { origin, row } of [a, b]) cell.ids.add(`${origin.name} ${row}`);
  }
  return [...cells.values()]
    .map(({ ids, ...cell }) => ({ ...cell, rows: ids.size }))
    .sort((a, b) => LEAK_KINDS.indexOf(a.kind) - LEAK_KINDS.indexOf(b.kind) || b.pairs - a.pairs);
}
