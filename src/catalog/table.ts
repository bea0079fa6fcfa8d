/** A table in memory: plain arrays by column name. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBDecimalValue } from "@duckdb/node-api";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { nearest } from "../foundation/nearest.ts";
import { duckDB } from "./duck.ts";

/** A cell of a table; null where it is empty. */
export type Value = string | number | bigint | boolean | null;

/** What a column holds. */
export type ColumnType = "text" | "whole" | "number" | "yes/no";

/** A table in memory, by columns. */
export class Table {
  /** The file it was read from, for error messages. */
  readonly path: string;
  /** Number of rows. */
  readonly count: number;
  private readonly columns: Map<string, readonly Value[]>;
  private readonly typed: Map<string, ColumnType>;
  private readonly singles: ReadonlySet<string>;

  /** @param singles the columns of numbers that the file holds in 32 bits */
  constructor(
    path: string,
    count: number,
    columns: Map<string, readonly Value[]>,
    types: Map<string, ColumnType>,
    singles: ReadonlySet<string> = new Set(),
  ) {
    this.path = path;
    this.count = count;
    this.columns = columns;
    this.typed = types;
    this.singles = singles;
  }

  /** The columns' names, in their order. */
  get names(): string[] {
    return [...this.columns.keys()];
  }

  /** Whether it has a column of that name. */
  has(name: string): boolean {
    return this.columns.has(name);
  }

  /** A column's values, null where empty. @throws ArcletError when there is no such column */
  column(name: string): readonly Value[] {
    return this.columns.get(name) ?? this.missing(name);
  }

  /** What a column holds. @throws ArcletError when there is no such column, with near names */
  typeOf(name: string): ColumnType {
    return this.typed.get(name) ?? this.missing(name);
  }

  /** Whether a column is of floating-point numbers of 32 bits, which count without a gap to 2^24 only. */
  isSingle(name: string): boolean {
    return this.singles.has(name);
  }

  /** A column whose values are all texts. @throws ArcletError naming the first row that isn't */
  texts(name: string): readonly string[] {
    const values = this.column(name);
    const bad = values.findIndex((value) => typeof value !== "string" || value === "");
    if (bad >= 0) refuse({ where: this.path, row: bad + 1 }, name, "a text", values[bad]);
    return values as readonly string[];
  }

  /** A column whose values are all whole numbers. @throws ArcletError naming the first row that isn't */
  wholes(name: string): readonly number[] {
    const values = this.column(name);
    const bad = values.findIndex((value) => !Number.isSafeInteger(value));
    if (bad >= 0) refuse({ where: this.path, row: bad + 1 }, name, "a whole number", values[bad]);
    return values as readonly number[];
  }

  private missing(name: string): never {
    throw noColumn(this.path, name, this.names);
  }
}

/**
 * Reads all rows of a query, in order, chunk by chunk: no second copy of them is held. Whole numbers become numbers, or stay
 * bigint in a column with any beyond 2^53, as decimal numbers do that are whole.
 */
export async function readTable(connection: DuckDBConnection, path: string, query: string): Promise<Table> {
  const result = await connection.stream(query);
  const names = result.columnNames();
  const stated = names.map((_, i) => String(result.columnType(i)));
  const read = stated.map((type) => (isDecimal(type) ? new Decimals() : new PlainValues()));
  let count = 0;
  for await (const chunk of result) {
    for (const [i, column] of read.entries()) column.add(chunk, i);
    count += chunk.rowCount;
  }
  const columns = new Map<string, Value[]>();
  const types = new Map<string, ColumnType>();
  for (const [i, name] of names.entries()) {
    const values = read[i]!.end();
    columns.set(name, values);
    types.set(name, isDecimal(stated[i]!) ? typeOfDecimals(stated[i]!, values) : typeOf(stated[i]!));
  }
  const singles = names.filter((_, i) => stated[i] === "FLOAT");
  return new Table(path, count, columns, types, new Set(singles));
}

/** A column's values as they come. */
class PlainValues {
  readonly #values: Value[] = [];
  /** Whether a whole number is beyond 2^53. */
  #big = false;

  add(chunk: DuckDBDataChunk, column: number): void {
    for (const value of chunk.convertColumnValues(column, duckDB().JSDuckDBValueConverter))
      this.#values.push(this.#plain(value));
  }

  end(): Value[] {
    const values = this.#values;
    if (this.#big)
      for (const [row, value] of values.entries()) if (typeof value === "number") values[row] = BigInt(value);
    return values;
  }

  #plain(value: unknown): Value {
    if (typeof value === "bigint") {
      if (Number.isSafeInteger(Number(value))) return Number(value);
      this.#big = true;
      return value;
    }
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    )
      return value;
    return value instanceof Date ? value.toISOString() : String(value);
  }
}

/** Those of a column of decimals, which would be doubles as plain values. */
class Decimals {
  readonly #values: (DuckDBDecimalValue | null)[] = [];

  add(chunk: DuckDBDataChunk, column: number): void {
    chunk.appendColumnValues(column, this.#values);
  }

  end(): Value[] {
    return ofDecimals(this.#values);
  }
}

const isDecimal = (type: string): boolean => type.startsWith("DECIMAL");

/** Bigint if all are whole and the type has no places, or some is beyond what a double holds; else numbers. */
function ofDecimals(values: readonly (DuckDBDecimalValue | null)[]): (bigint | number | null)[] {
  const wholes = values.map((one) => {
    if (one === null) return null;
    const unit = 10n ** BigInt(one.scale);
    return one.value % unit === 0n ? one.value / unit : undefined;
  });
  const big = wholes.some((value) => typeof value === "bigint" && !Number.isSafeInteger(Number(value)));
  const places = values.some((one) => one !== null && one.scale > 0);
  if (wholes.every((value) => value !== undefined) && (big || !places)) return wholes;
  return values.map((one) => (one === null ? null : Number(String(one))));
}

const typeOfDecimals = (type: string, values: readonly unknown[]): ColumnType =>
  type.endsWith(",0)") || values.some((value) => typeof value === "bigint") ? "whole" : "number";

function typeOf(type: string): ColumnType {
  if (type === "BOOLEAN") return "yes/no";
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return "whole";
  return /^(FLOAT|DOUBLE)/.test(type) ? "number" : "text";
}

/** Whole numbers that 64 bits hold, with a sign and without. */
export const isSigned64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
export const isUnsigned64 = (value: bigint): boolean => BigInt.asUintN(64, value) === value;

/** Beyond it, no table holds a whole number as one: the most digits of DuckDB's decimals. */
export const MOST_DIGITS = 38;

/** The error for a column that a table does not have. */
export function noColumn(path: string, name: string, names: readonly string[]): ArcletError {
  const near = nearest(name, names);
  return new ArcletError({
    where: path,
    code: "absent",
    problem: `has no column ${name}`,
    near,
    fix: `its columns are ${columnList(names)}`,
  });
}

/** Most columns that an error lists. */
const LISTED = 40;

/** Names of columns for an error, the first of very many. */
const columnList = (names: readonly string[]): string =>
  names.length <= LISTED
    ? names.join(", ")
    : `${names.slice(0, LISTED).join(", ")} and ${names.length - LISTED} more`;
