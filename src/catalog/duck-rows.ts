/** Writes rows from memory into a DuckDB table. */
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import { refuse } from "../foundation/errors.ts";
import { duckDB, identifier, queried } from "./duck.ts";
import { type ColumnType, isSigned64, isUnsigned64, MOST_DIGITS, type Value } from "./table.ts";

/** DuckDB's type for each type of column while a table is filled; `stored` has the types of its file. */
export function duckTypes(): Record<ColumnType, DuckDBType> {
  const { BOOLEAN, DOUBLE, HUGEINT, VARCHAR } = duckDB();
  return { text: VARCHAR, whole: HUGEINT, number: DOUBLE, "yes/no": BOOLEAN };
}

/** DuckDB's standard size of a vector. */
export const CHUNK_ROWS = 2048;

/**
 * A filled table as a file is to hold it: whole numbers in 64 bits, without a sign where they are beyond those with one, and
 * as decimals beyond both. (Parquet has no wider integers: DuckDB would write doubles.)
 */
export async function stored(
  connection: DuckDBConnection,
  table: string,
  columns: readonly { name: string; type: ColumnType }[],
): Promise<string> {
  const wholes = columns.filter(({ type }) => type === "whole").map(({ name }) => identifier(name));
  if (wholes.length === 0) return `(FROM ${identifier(table)})`;
  const ends = wholes.map((name) => `min(${name})::HUGEINT, max(${name})::HUGEINT`).join(", ");
  const [found] = await queried(connection, `SELECT ${ends} FROM ${identifier(table)}`);
  const casts = wholes.map((name, i) => {
    const [low, high] = found!.slice(2 * i, 2 * i + 2) as (bigint | null)[];
    return `CAST(${name} AS ${typeFor(low ?? 0n, high ?? 0n)}) AS ${name}`;
  });
  return `(SELECT * REPLACE (${casts.join(", ")}) FROM ${identifier(table)})`;
}

function typeFor(low: bigint, high: bigint): string {
  if (isSigned64(low) && isSigned64(high)) return "BIGINT";
  return isUnsigned64(low) && isUnsigned64(high) ? "UBIGINT" : `DECIMAL(${MOST_DIGITS}, 0)`;
}

/** Creates a table and fills it. Whole numbers may be numbers or bigint. */
export async function fillTable(
  connection: DuckDBConnection,
  name: string,
  columns: readonly { name: string; type: ColumnType }[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const known = duckTypes();
  const declared = columns.map(({ name, type }) => `${identifier(name)} ${known[type]}`);
  await connection.run(`CREATE TABLE ${identifier(name)} (${declared.join(", ")})`);
  const appender = await connection.createAppender(name);
  const types = columns.map(({ type }) => known[type]);
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const part = rows.slice(from, from + CHUNK_ROWS);
    const chunk = duckDB().DuckDBDataChunk.create(types, part.length);
    chunk.setColumns(columns.map(({ type }, c) => part.map((row) => asStored(row[c]!, type))));
    appender.appendDataChunk(chunk);
    // The memory of finished chunks is freed only between turns of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  appender.closeSync();
}

function asStored(value: Value, type: ColumnType): Value {
  if (value === null) return null;
  if (type === "whole") {
    const whole = BigInt(value as number | bigint);
    if (!fits(whole)) refuse("table", "whole number", `of at most ${MOST_DIGITS} digits`, whole);
    return whole;
  }
  return type === "number" ? Number(value) : value;
}

/** Whether a table holds a whole number as one. */
export const fits = (whole: bigint): boolean => whole < MOST && whole > -MOST;
const MOST = 10n ** BigInt(MOST_DIGITS);
