/** The rows of an import's table: each one's id, where its image is, and why some can't be used. */

import { idText } from "../../catalog/id-text.ts";
import type { Table, Value } from "../../catalog/table.ts";
import { SPLITS, type Split } from "../../dataset/info.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { ArcletError, refuse, show } from "../../foundation/errors.ts";
import type { ImportConfig } from "./config.ts";
import type { ImageLocation } from "./cutout.ts";

/** A row of the table whose image can be read. */
export interface Candidate {
  /** Row of the table, from 0. */
  row: number;
  id: string;
  location: ImageLocation;
  group: string;
  /** By the split column; undefined when rows are split by fractions. */
  split: Split | undefined;
  label: string | null;
}

/** Reads candidates from the table. @throws ArcletError for a missing column or an unknown split */
export function candidatesOf(
  table: Table,
  locate: (row: number, id: string) => ImageLocation | Refusal,
  config: ImportConfig,
  labelOf: (row: number) => string | null | undefined,
): { candidates: Candidate[]; setAside: SetAside[] } {
  const ids = table.column(config.idColumn);
  const groups = optional(table, config.groupColumn, "group");
  const splitOf = splitReader(table, config);
  const firstWith = new Map<string, number>();
  const [idColumn, groupColumn] = [config.idColumn, config.groupColumn ?? "group"];
  const textOf = (value: Value | undefined, row: number, column: string) =>
    idText(value, { where: table.path, row: row + 1 }, column, table.isSingle(column));
  const groupOf = (row: number) => textOf(groups?.[row], row, groupColumn);
  const takeRow = (row: number, id: string): Candidate | Refusal => {
    if (id === "") return { kind: "no id", detail: "" };
    const first = firstWith.get(id);
    if (first !== undefined) return { kind: "duplicate id", detail: ` (first in row ${first + 1})` };
    firstWith.set(id, row);
    const location = locate(row, id);
    if ("kind" in location) return location;
    const label = labelOf(row);
    if (label === undefined)
      return { kind: "unknown class", detail: ` ${show(table.column(config.labelColumn!)[row])}` };
    return { row, id, location, group: groupOf(row) || id, split: splitOf(row), label };
  };
  const candidates: Candidate[] = [];
  const setAside: SetAside[] = [];
  for (const [row, value] of ids.entries()) {
    const id = textOf(value, row, idColumn);
    const taken = takeRow(row, id);
    if ("kind" in taken) setAside.push({ row, id, kind: taken.kind, reason: taken.kind + taken.detail });
    else candidates.push(taken);
  }
  refuseInTwoSplits(table, candidates);
  return { candidates, setAside };
}

/** Why a row can't be used. */
export interface Refusal {
  kind: string;
  detail: string;
}

/** A column that may be missing, unless the user gave it another name than the usual. */
export function optional(table: Table, name: string | null, usual: string): readonly Value[] | undefined {
  if (name === null || (name === usual && !table.has(name))) return undefined;
  return table.column(name);
}

function splitReader(table: Table, config: ImportConfig): (row: number) => Split | undefined {
  const values = optional(table, config.splitColumn, "split");
  if (values === undefined) {
    if (config.splits.length > 0)
      refuse(table.path, "columns", "with a split column, as splits are given", table.names);
    return () => undefined;
  }
  const meaning = new Map<string, Split>(SPLITS.map((split) => [split, split]));
  for (const pair of config.splits) {
    const equals = pair.lastIndexOf("=");
    meaning.set(pair.slice(0, equals), pair.slice(equals + 1) as Split);
  }
  return (row) => {
    const value = text(values[row]);
    return (
      meaning.get(value) ??
      refuse(
        { where: table.path, row: row + 1 },
        config.splitColumn!,
        `one of ${[...meaning.keys()].join(", ")} (give its meaning, e.g. splits ${value || "x"}=train, or no split column)`,
        value,
      )
    );
  };
}

function refuseInTwoSplits(table: Table, candidates: readonly Candidate[]): void {
  const first = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const before = first.get(candidate.group);
    if (before === undefined) first.set(candidate.group, candidate);
    else if (before.split !== candidate.split)
      throw new ArcletError({
        where: table.path,
        row: candidate.row + 1,
        code: "conflict",
        problem: `group ${candidate.group} is in ${candidate.split} here and in ${before.split} in row ${before.row + 1}; a group must stay in one split`,
      });
  }
}

/** A cell as text; empty when null. */
export const text = (value: Value | undefined): string => (value == null ? "" : String(value).trim());
