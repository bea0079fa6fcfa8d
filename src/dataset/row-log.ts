/**
 * A dataset's rows while it is written: a line of JSON a row, on the disk. Memory does not grow with them, and what a
 * program that was killed has written can be read back.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { ColumnType, Value } from "../catalog/table.ts";
import { refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { IMAGE_HASH } from "./hash.ts";

/** Columns that every dataset has; no further column may have such a name. */
export const CORE_COLUMNS: Readonly<Record<string, ColumnType>> = {
  id: "text",
  shard: "whole",
  row: "whole",
  group: "text",
  split: "text",
  label: "text",
  ra: "number",
  dec: "number",
  [IMAGE_HASH]: "text",
};

/** Names and types, in the table's order. */
export type Columns = readonly (readonly [string, ColumnType])[];

/** @param further columns beside the core's. @throws ArcletError when one has the name of another */
export function columnsWith(further: Readonly<Record<string, ColumnType>>): Columns {
  // DuckDB does not tell `Ra` from `ra`.
  const taken = new Set(Object.keys(CORE_COLUMNS));
  for (const name of Object.keys(further)) {
    if (name === "" || taken.has(name.toLowerCase()))
      refuse("dataset", "column", "a name that no other column has, whatever its case", name);
    taken.add(name.toLowerCase());
  }
  return Object.entries({ ...CORE_COLUMNS, ...further });
}

/** The part of a log that is kept when writing goes on. */
export interface Kept {
  rows: number;
  bytes: number;
}

export class RowLog {
  readonly path: string;
  private readonly columns: Columns;
  private readonly file: number;
  private end: number;
  private pending = "";

  /** @param kept what stays of a log that is there; without it a new one is begun */
  constructor(path: string, columns: Columns, kept: Kept = { rows: 0, bytes: 0 }) {
    this.path = path;
    this.columns = columns;
    this.file = guarded(path, () => openSync(path, kept.rows === 0 ? "w" : "r+"));
    guarded(path, () => ftruncateSync(this.file, kept.bytes));
    this.end = kept.bytes;
  }

  /** Takes a row; `flush` writes it. @throws ArcletError when a value is not of its column's type */
  append(row: Readonly<Record<string, Value | undefined>>): void {
    const values = this.columns.map(([name, type]) => written(row, name, type, row[name] ?? null));
    this.pending += `${JSON.stringify(values)}\n`;
  }

  /** Writes the rows taken so far. */
  flush(): void {
    const bytes = Buffer.from(this.pending);
    this.pending = "";
    for (let done = 0; done < bytes.length; )
      done += guarded(this.path, () =>
        writeSync(this.file, bytes, done, bytes.length - done, this.end + done),
      );
    this.end += bytes.length;
  }

  close(): void {
    guarded(this.path, () => fsyncSync(this.file));
    this.abandon();
  }

  /** Closes the file as it is. */
  abandon(): void {
    closeSync(this.file);
  }
}

/**
 * The whole rows of a log, in their order: what follows a line that was cut off is left out.
 *
 * @returns values by column, and the bytes of the log up to there
 */
export function* loggedRows(
  path: string,
  columns: Columns,
): Generator<{ values: Value[]; bytes: number }, void> {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const chunk = Buffer.alloc(1 << 20);
    let rest = Buffer.alloc(0);
    let bytes = 0;
    for (let got = readSync(file, chunk); got > 0; got = readSync(file, chunk)) {
      const data = Buffer.concat([rest, chunk.subarray(0, got)]);
      let from = 0;
      for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
        const values = parsed(data.toString("utf8", from, at), columns);
        if (values === undefined) return;
        bytes += at + 1 - from;
        from = at + 1;
        yield { values, bytes };
      }
      rest = data.subarray(from);
    }
  } finally {
    closeSync(file);
  }
}

const NEWLINE = 0x0a;

function parsed(line: string, columns: Columns): Value[] | undefined {
  try {
    const values = JSON.parse(line) as (string | number | boolean | null)[];
    return columns.map(([, type], i) => restored(values[i]!, type));
  } catch {
    return undefined;
  }
}

/** A value as JSON holds it: whole numbers of 64 bits, NaN and infinities as texts. */
function written(
  row: Readonly<Record<string, Value | undefined>>,
  name: string,
  type: ColumnType,
  value: Value,
): string | number | boolean | null {
  if (value === null) return null;
  if (type === "text" && typeof value === "string") return value;
  if (type === "number" && typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : `${value}`;
  if (type === "yes/no" && typeof value === "boolean") return value;
  if (type === "whole" && (typeof value === "bigint" || Number.isSafeInteger(value))) return `${value}`;
  return refuse(`row ${row.id}`, name, type === "yes/no" ? "yes or no" : `a ${type}`, value);
}

function restored(value: string | number | boolean | null, type: ColumnType): Value {
  if (value === null) return null;
  if (type === "whole") return BigInt(value);
  return type === "number" ? Number(value) : value;
}
