/**
 * A dataset's rows while it is being written: a line of JSON per row, on disk. Memory does not grow with them, and what
 * a killed program has written can be read back.
 */
import { fits } from "../catalog/duck-rows.ts";
import type { ColumnType, Value } from "../catalog/table.ts";
import { refuse } from "../foundation/errors.ts";
import { type JsonLine, JsonLog, jsonLines } from "../foundation/json-lines.ts";
import { IMAGE_HASH } from "./hash.ts";

/** Columns that every dataset may have; no further column may have one of these names. */
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

/** Its name in an unfinished folder. */
export const ROWS_FILE = "rows.jsonl";

/** Names and types, in the table's order. */
export type Columns = readonly (readonly [string, ColumnType])[];

/** The core columns and further ones. @throws ArcletError when two have the same name */
export function columnsWith(further: Readonly<Record<string, ColumnType>>): Columns {
  // To DuckDB, `Ra` and `ra` are the same.
  const taken = new Set(Object.keys(CORE_COLUMNS));
  for (const name of Object.keys(further)) {
    if (name === "" || taken.has(name.toLowerCase()))
      refuse("dataset", "column", "a name that no other column has, whatever its case", name);
    taken.add(name.toLowerCase());
  }
  return Object.entries({ ...CORE_COLUMNS, ...further });
}

/** The part of a log that is kept when writing resumes. */
export interface Kept {
  rows: number;
  bytes: number;
}

type LoggedRow = Readonly<Record<string, Value | undefined>>;

export class RowLog {
  readonly path: string;
  private readonly columns: Columns;
  private readonly log: JsonLog;

  /** @param kept how much of an existing log to keep; by default a new one is started */
  constructor(path: string, columns: Columns, kept: Kept = { rows: 0, bytes: 0 }) {
    this.path = path;
    this.columns = columns;
    this.log = new JsonLog(path, kept.bytes);
  }

  /**
   * Adds a row; `flush` writes it.
   *
   * @param address where its image is: values that go before the row's own
   * @throws ArcletError when a value is not of its column's type
   */
  append(row: LoggedRow, address: LoggedRow = {}): void {
    this.log.add(
      this.columns.map(([name, type]) =>
        written(row, name, type, (Object.hasOwn(address, name) ? address : row)[name] ?? null),
      ),
    );
  }

  /** Writes the rows added so far. */
  flush(): void {
    this.log.flush();
  }

  close(): void {
    this.log.sync();
    this.abandon();
  }

  /** Closes the file as it is. */
  abandon(): void {
    this.log.close();
  }
}

/**
 * The whole rows of a log, in their order, up to a line that is cut off.
 *
 * @returns a row's values by column, and the bytes of the log up to the end of its line
 */
export const loggedRows = (path: string, columns: Columns): Generator<JsonLine<Value[]>, void> =>
  jsonLines(path, "stop", (line) => {
    const values = line as (string | number | boolean | null)[];
    return columns.map(([, type], i) => restored(values[i]!, type));
  });

/** A value as JSON can hold it: 64-bit whole numbers, NaN, infinities and -0 as texts. */
function written(
  row: LoggedRow,
  name: string,
  type: ColumnType,
  value: Value,
): string | number | boolean | null {
  if (value === null) return null;
  if (type === "text" && typeof value === "string") return value;
  if (type === "number" && typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : `${value}`;
  if (type === "yes/no" && typeof value === "boolean") return value;
  if (type === "whole" && (typeof value === "bigint" ? fits(value) : Number.isSafeInteger(value)))
    return `${value}`;
  return refuse(`row ${row.id}`, name, type === "yes/no" ? "yes or no" : `a ${type}`, value);
}

function restored(value: string | number | boolean | null, type: ColumnType): Value {
  if (value === null) return null;
  if (type === "whole") return BigInt(value);
  return type === "number" ? Number(value) : value;
}
