/** The rows of an import's table: each one's id, where its image is, and why some can't be used. */

import { idText } from "../../catalog/id-text.ts";
import type { Table, Value } from "../../catalog/table.ts";
import { SPLITS, type Split } from "../../dataset/info.ts";
import type { SetAside } from "../../dataset/set-aside.ts";
import { ArcletError, refuse, show } from "../../foundation/errors.ts";
import { Candidates, type Reading } from "./candidate.ts";
import type { ImportConfig } from "./config.ts";
import type { ImageLocation } from "./cutout.ts";

/** Reads candidates from the table. @throws ArcletError for a missing column or an unknown split */
export function candidatesOf(
  table: Table,
  locate: (row: number, id: string) => ImageLocation | Refusal,
  config: ImportConfig,
  labelOf: (row: number) => string | null | undefined,
): { candidates: Candidates; setAside: SetAside[] } {
  const reading = readingOf(table, locate, config, labelOf);
  const firstWith = new Map<string, number>();
  const refusalOf = (row: number, id: string): Refusal | null => {
    if (id === "") return { kind: "no id", detail: "" };
    const first = firstWith.get(id);
    if (first !== undefined) return { kind: "duplicate id", detail: ` (first in row ${first + 1})` };
    firstWith.set(id, row);
    const location = locate(row, id);
    if ("kind" in location) return location;
    if (labelOf(row) === undefined)
      return { kind: "unknown class", detail: ` ${show(table.column(config.labelColumn!)[row])}` };
    for (const field of ["group", "split"] as const) reading[field](row); // they refuse what they can't read
    return null;
  };
  const rows = new Int32Array(table.count);
  const setAside: SetAside[] = [];
  let taken = 0;
  for (let row = 0; row < table.count; row++) {
    const id = reading.id(row);
    const refusal = refusalOf(row, id);
    if (refusal === null) rows[taken++] = row;
    else setAside.push({ row, id, kind: refusal.kind, reason: refusal.kind + refusal.detail });
  }
  const candidates = new Candidates(rows.slice(0, taken), reading);
  if (taken > 0 && candidates.at(0).split !== undefined) refuseInTwoSplits(table, candidates);
  return { candidates, setAside };
}

/** What the table says of a row that is not refused. */
function readingOf(
  table: Table,
  locate: (row: number, id: string) => ImageLocation | Refusal,
  config: ImportConfig,
  labelOf: (row: number) => string | null | undefined,
): Reading {
  const ids = table.column(config.idColumn);
  const groups = optional(table, config.groupColumn, "group");
  const [idColumn, groupColumn] = [config.idColumn, config.groupColumn ?? "group"];
  const textOf = (value: Value | undefined, row: number, column: string) =>
    idText(value, { where: table.path, row: row + 1 }, column, table.isSingle(column));
  const id = (row: number) => textOf(ids[row], row, idColumn);
  return {
    id,
    location: (row) => locate(row, id(row)) as ImageLocation,
    group: (row) => textOf(groups?.[row], row, groupColumn) || id(row),
    split: splitReader(table, config),
    label: (row) => labelOf(row)!,
  };
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

function refuseInTwoSplits(table: Table, candidates: Candidates): void {
  const first = new Map<string, number>();
  for (let index = 0; index < candidates.length; index++) {
    const { row, group, split } = candidates.at(index);
    const before = candidates.at(first.get(group) ?? index);
    if (!first.has(group)) first.set(group, index);
    if (before.split !== split)
      throw new ArcletError({
        where: table.path,
        row: row + 1,
        code: "conflict",
        problem: `group ${group} is in ${split} here and in ${before.split} in row ${before.row + 1}; a group must stay in one split`,
      });
  }
}

/** A cell as text; empty when null. */
export const text = (value: Value | undefined): string => (value == null ? "" : String(value).trim());
