/** What is read of a dataset's table: all of it, or what an unlabelled target may know of a row. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, parquetSource, queried } from "../catalog/duck.ts";
import { readTable, type Table } from "../catalog/table.ts";
import { IMAGE_HASH } from "./hash.ts";

/** Of an unlabelled target. Tables of simulations have twenty more, which take most of the time to read. */
export const UNLABELLED_COLUMNS: readonly string[] = [
  "id",
  "shard",
  "row",
  "group",
  "split",
  "ra",
  "dec",
  IMAGE_HASH,
];

/**
 * @param columns names of those to read, if the table has them; null for all
 * @param which what follows the table's name in SQL
 */
export async function readStored(
  connection: DuckDBConnection,
  path: string,
  columns: readonly string[] | null,
  which = "",
): Promise<Table> {
  const source = parquetSource(path);
  if (columns === null) return readTable(connection, path, `SELECT * FROM ${source} ${which}`);
  const found = await queried(connection, `DESCRIBE SELECT * FROM ${source}`);
  const names = found.map(([name]) => String(name)).filter((name) => columns.includes(name));
  // A table that has none of them is read whole: what reads it says what it lacks.
  const read = names.length === 0 ? "*" : names.map(identifier).join(", ");
  return readTable(connection, path, `SELECT ${read} FROM ${source} ${which}`);
}
