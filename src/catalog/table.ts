/** A table in memory: plain arrays by column name. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { nearest } from "../foundation/nearest.ts";

export type Value = string | number | bigint | boolean | null;
export type ColumnType = "text" | "whole" | "number" | "yes/no";

export class Table {
  /** The file it was read from, for error messages. */
  readonly path: string;
  readonly count: number;
  private readonly columns: Map<string, readonly Value[]>;
  private readonly typed: Map<string, ColumnType>;

  constructor(
    path: string,
    count: number,
    columns: Map<string, readonly Value[]>,
    types: Map<string, ColumnType>,
  ) {
    this.path = path;
    this.count = count;
    this.columns = columns;
    this.typed = types;
  }

  get names(): string[] {
    return [...this.columns.keys()];
  }

  has(name: string): boolean {
    return this.columns.has(name);
  }

  /** A column's values, null where empty. @throws ArcletError when there is no such column */
  column(name: string): readonly Value[] {
    return this.columns.get(name) ?? this.missing(name);
  }

  typeOf(name: string): ColumnType {
    return this.typed.get(name) ?? this.missing(name);
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
 * Reads all rows of a query, in order. 64-bit whole numbers become numbers, or stay bigint in a column with any beyond
 * 2^53.
 */
export async function readTable(connection: DuckDBConnection, path: string, query: string): Promise<Table> {
  const reader = await connection.runAndReadAll(query);
  const names = reader.columnNames();
  const raw = reader.getColumnsJS();
  const columns = new Map(names.map((name, i) => [name, plain((raw[i] ?? []) as unknown[])] as const));
  const types = new Map(names.map((name, i) => [name, typeOf(String(reader.columnType(i)))] as const));
  return new Table(path, reader.currentRowCount, columns, types);
}

function plain(values: unknown[]): Value[] {
  const big = values.some((v) => typeof v === "bigint" && !Number.isSafeInteger(Number(v)));
  return values.map((v): Value => {
    if (v === null || typeof v === "string" || typeof v === "number" || typeof v === "boolean") return v;
    if (typeof v === "bigint") return big ? v : Number(v);
    return v instanceof Date ? v.toISOString() : String(v);
  });
}

function typeOf(type: string): ColumnType {
  if (type === "BOOLEAN") return "yes/no";
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return "whole";
  return /^(FLOAT|DOUBLE|DECIMAL)/.test(type) ? "number" : "text";
}

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
export const columnList = (names: readonly string[]): string =>
  names.length <= LISTED
    ? names.join(", ")
    : `${names.slice(0, LISTED).join(", ")} and ${names.length - LISTED} more`;
