/**
 * A user's table as DuckDB reads it. CSV and Parquet are read in place, however long; VOTable, FITS and gzipped tables are
 * read once and kept as Parquet in a scratch folder.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, inOneLine, literal } from "../catalog/duck.ts";
import { formatOf } from "../catalog/format.ts";
import { readCatalog } from "../catalog/read.ts";
import { idColumn } from "../catalog/roles.ts";
import { noColumn } from "../catalog/table.ts";
import { writeCatalog } from "../catalog/write.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";

export interface TableFile {
  /** The user's file, for messages. */
  readonly path: string;
  /** What DuckDB reads. */
  readonly read: string;
  readonly parquet: boolean;
}

/**
 * @param scratch folder for a Parquet copy
 * @throws ArcletError when it is missing, empty, or not a table
 */
export async function openTable(path: string, scratch: string): Promise<TableFile> {
  if (guarded(path, () => statSync(path)).size === 0)
    throw new ArcletError({ where: path, code: "empty", problem: "is empty" });
  const { format, gzipped } = formatOf(path);
  if (!gzipped && format !== "votable" && format !== "fits")
    return { path, read: path, parquet: format === "parquet" };
  const { table } = await readCatalog(path);
  if (table.count === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no row" });
  const read = join(scratch, `${path.replace(/\W+/g, "-")}.parquet`);
  const columns = table.names.map((name) => ({ name, type: table.typeOf(name) }));
  const values = table.names.map((name) => table.column(name));
  await writeCatalog(
    read,
    columns,
    Array.from({ length: table.count }, (_, row) => values.map((column) => column[row]!)),
  );
  return { path, read, parquet: true };
}

/** The table in SQL, with columns that are texts whatever they look like: `007` is not 7. */
export function sourceOf({ read, parquet }: TableFile, texts: readonly string[]): string {
  if (parquet) return `read_parquet(${literal(read)})`;
  const types = texts.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  return `read_csv(${literal(read)}, header = true${types === "" ? "" : `, types = {${types}}`})`;
}

/** @throws ArcletError when a needed column is missing */
export async function columnsOf(
  connection: DuckDBConnection,
  file: TableFile,
  needed: readonly string[],
): Promise<string[]> {
  const query = `SELECT column_name FROM (DESCRIBE SELECT * FROM ${sourceOf(file, [])})`;
  const rows = await inOneLine(file.path, async () => (await connection.runAndReadAll(query)).getRowsJS());
  const names = rows.map(([name]) => String(name));
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined) throw noColumn(file.path, missing, names);
  return names;
}

/** The column that names the objects: its name, and as an SQL identifier. @throws ArcletError when there is none */
export function idOf({ path }: TableFile, names: readonly string[]): { name: string; id: string } {
  const name = idColumn(names);
  if (name === undefined) return refuse(path, "columns", "a list with an id column", names);
  return { name, id: identifier(name) };
}
