/** One object or image in two places that must not share any. */

import { basename } from "node:path";
import { csvText } from "../../../foundation/csv.ts";
import type { Split } from "../../info.ts";
import type { Positions } from "../grouping/sphere-grid.ts";

export const LEAK_KINDS = ["id", "group", "position", "identical", "alike"] as const;
/** By what it was found; `identical` and `alike` are the pixels. */
export type LeakKind = (typeof LEAK_KINDS)[number];

/** Rows that are held against others: a dataset's, or a catalogue's. */
export interface Compared {
  /** As it is called in tables and messages. */
  name: string;
  /** Null where the names are not known, or say nothing. */
  ids: readonly string[] | null;
  /** How rows are called in messages, where it is not by their ids. */
  called?: readonly string[] | null;
  groups: readonly string[] | null;
  /** Null for a catalogue, which has none: it is one set of rows. */
  splits: readonly Split[] | null;
  /** Of the images' bytes. */
  hashes: readonly string[] | null;
  positions: Positions | null;
  count: number;
}

/** A row of one of the compared. */
export interface Place {
  of: Compared;
  row: number;
}

export interface Leak {
  kind: LeakKind;
  a: Place;
  b: Place;
  /** Arcsec between positions, or the correlation of fingerprints; null for what is the same. */
  value: number | null;
}

export const idOf = ({ of, row }: Place): string => of.ids?.[row] ?? of.called?.[row] ?? `row ${row + 1}`;
export const splitOf = ({ of, row }: Place): string => of.splits?.[row] ?? "";

/** Whether two rows must not share anything: of different datasets, or of different splits of one. */
export const apart = (a: Place, b: Place): boolean => a.of !== b.of || splitOf(a) !== splitOf(b);

/** `the same image: a-1 in first (a) train and b-2 in second (b) test` */
export function sentence({ kind, a, b, value }: Leak): string {
  const which = {
    id: `id ${JSON.stringify(idOf(a))}`,
    group: `group ${JSON.stringify(a.of.groups?.[a.row])}`,
    position: `a place on the sky (${value?.toFixed(2)} arcsec apart)`,
    identical: "the same image",
    alike: `nearly the same image (alike by ${value?.toFixed(3)})`,
  }[kind];
  const places = [a, b].map((place) => `${idOf(place)} in ${place.of.name} ${splitOf(place)}`.trimEnd());
  return `${which}: ${places.join(" and ")}`;
}

/** The list as CSV: `kind,dataset,split,row,id,other_dataset,…,value`; rows count from 1. */
export function leaksCsv(leaks: readonly Leak[]): string {
  const of = (place: Place) => [place.of.name, splitOf(place), place.row + 1, idOf(place)];
  const rows = leaks.map(({ kind, a, b, value }) => [kind, ...of(a), ...of(b), value?.toFixed(4)]);
  const names = ["dataset", "split", "row", "id"];
  return csvText([["kind", ...names, ...names.map((name) => `other_${name}`), "value"], ...rows]);
}

/** A dataset as it is called in messages. */
export const titleOf = (name: string, path: string): string => `${name} (${basename(path)})`;
