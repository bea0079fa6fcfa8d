/**
 * A table of the user's as DuckDB reads it. CSV and Parquet are read as they lie, however long; VOTable, FITS and gzipped
 * tables are read once and held as Parquet beside.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, inOneLine, literal } from "../catalog/duck.ts";
import { formatOf } from "../catalog/format.ts";
import { readCatalog } from "../catalog/read.ts";
import { idColumn } from "../catalog/roles.ts";
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
 * @param scratch folder for what must be held as another file
 * @throws ArcletError when it is missing, empty, or no table
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

/** In SQL, with columns that are texts whatever they look like: `007` is no 7. */
export function sourceOf({ read, parquet }: TableFile, texts: readonly string[]): string {
  if (parquet) return `read_parquet(${literal(read)})`;
  const types = texts.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  return `read_csv(${literal(read)}, header = true${types === "" ? "" : `, types = {${types}}`})`;
}

/** @throws ArcletError when a column that is needed is not there */
export async function columnsOf(
  connection: DuckDBConnection,
  file: TableFile,
  needed: readonly string[],
): Promise<string[]> {
  const query = `SELECT column_name FROM (DESCRIBE SELECT * FROM ${sourceOf(file, [])})`;
  const found = await inOneLine(file.path, async () => (await connection.runAndReadAll(query)).getRowsJS());
  const names = found.map(([name]) => String(name));
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new ArcletError({
      where: file.path,
      code: "absent",
      problem: `has no column ${missing}; its columns are ${names.join(", ")}`,
    });
  return names;
}

/** The column that names the objects: its name, and as an SQL identifier. @throws ArcletError when there is none */
export function idOf({ path }: TableFile, names: readonly string[]): { name: string; id: string } {
  const name = idColumn(names);
  if (name === undefined) return refuse(path, "columns", "with one of ids", names);
  return { name, id: identifier(name) };
}
