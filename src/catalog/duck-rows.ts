/** Writes rows from memory into a DuckDB table. */
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import { refuse } from "../foundation/errors.ts";
import { duckDB, identifier } from "./duck.ts";
import type { ColumnType, Value } from "./table.ts";

/** DuckDB's type for each type of column. */
export function duckTypes(): Record<ColumnType, DuckDBType> {
  const { BIGINT, BOOLEAN, DOUBLE, VARCHAR } = duckDB();
  return { text: VARCHAR, whole: BIGINT, number: DOUBLE, "yes/no": BOOLEAN };
}

/** DuckDB's standard size of a vector. */
export const CHUNK_ROWS = 2048;

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
    if (BigInt.asIntN(64, whole) !== whole) refuse("table", "whole number", "of 64 bits", whole);
    return whole;
  }
  return type === "number" ? Number(value) : value;
}
