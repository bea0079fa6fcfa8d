/** One object or image in two datasets or splits that must not share any. */

import { basename } from "node:path";
import { csvText } from "../../../foundation/csv.ts";
import type { Split } from "../../info.ts";
import type { Positions } from "../grouping/sphere-grid.ts";

export const LEAK_KINDS = ["id", "group", "position", "identical", "alike"] as const;
/** What two rows share; `identical` and `alike` are about pixels. */
export type LeakKind = (typeof LEAK_KINDS)[number];

/** Rows to compare with others: a dataset's, or a catalogue's. */
export interface Compared {
  /** Its name in tables and messages. */
  name: string;
  /** Null if ids are unknown, or say nothing. */
  ids: readonly string[] | null;
  /** Names of rows in messages, if not their ids. */
  displayNames?: readonly string[] | null;
  groups: readonly string[] | null;
  /** Null for a catalogue, which has none. */
  splits: readonly Split[] | null;
  /** Hashes of the images' bytes. */
  hashes: readonly string[] | null;
  positions: Positions | null;
  count: number;
}

/** A row, and the dataset or catalogue that it is of. */
export interface ComparedRow {
  origin: Compared;
  row: number;
}

/** Two rows that share what splits or domains must not. */
export interface Leak {
  /** What they share. */
  kind: LeakKind;
  /** One row. */
  a: ComparedRow;
  /** The other row. */
  b: ComparedRow;
  /** Arcsec between positions, or the correlation of fingerprints; null for the other kinds. */
  value: number | null;
}

const idOf = ({ origin, row }: ComparedRow): string =>
  origin.ids?.[row] ?? origin.displayNames?.[row] ?? `row ${row + 1}`;
const splitOf = ({ origin, row }: ComparedRow): string => origin.splits?.[row] ?? "";

/** Whether two rows must not share anything: they are of different datasets, or of different splits of one. */
export const apart = (a: ComparedRow, b: ComparedRow): boolean =>
  a.origin !== b.origin || splitOf(a) !== splitOf(b);

/** `the same image: a-1 in first (a) train and b-2 in second (b) test` */
export function sentence({ kind, a, b, value }: Leak): string {
  const which = {
    id: `id ${JSON.stringify(idOf(a))}`,
    group: `group ${JSON.stringify(a.origin.groups?.[a.row])}`,
    position: `a sky position (${value?.toFixed(2)} arcsec apart)`,
    identical: "the same image",
    alike: `nearly the same image (alike by ${value?.toFixed(3)})`,
  }[kind];
  const sides = [a, b].map((side) => `${idOf(side)} in ${side.origin.name} ${splitOf(side)}`.trimEnd());
  return `${which}: ${sides.join(" and ")}`;
}

/** The list as CSV: `kind,dataset,split,row,id,other_dataset,…,value`; rows count from 1. */
export function leaksCsv(leaks: readonly Leak[]): string {
  const cells = (side: ComparedRow) => [side.origin.name, splitOf(side), side.row + 1, idOf(side)];
  const rows = leaks.map(({ kind, a, b, value }) => [kind, ...cells(a), ...cells(b), value?.toFixed(4)]);
  const names = ["dataset", "split", "row", "id"];
  return csvText([["kind", ...names, ...names.map((name) => `other_${name}`), "value"], ...rows]);
}

/** A dataset's name in messages. */
export const titleOf = (name: string, path: string): string => `${name} (${basename(path)})`;
