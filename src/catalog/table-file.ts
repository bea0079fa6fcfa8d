/**
 * A user's table as DuckDB reads it. CSV and Parquet are read in place, however long; tables of other formats and forms are
 * read once and kept in a scratch folder.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import type { Condition } from "./condition.ts";
import { identifier, inOneLine, isDuckError, parquetSource, queried } from "./duck.ts";
import { formatOf } from "./format.ts";
import { EXACT, inexactId } from "./id-text.ts";
import { readCatalog } from "./read.ts";
import { idColumn } from "./roles.ts";
import { noColumn } from "./table.ts";
import { plainSource, rewrittenSource, type TextFile, type TextSource } from "./text/source.ts";
import { typedColumns } from "./text/types.ts";
import { writeCatalog } from "./write.ts";

export interface TableFile {
  /** The user's file, for messages. */
  readonly path: string;
  /** What DuckDB reads. */
  readonly read: string;
  /** The table in SQL; of a text table, all of its columns are texts. */
  readonly sql: string;
  /** How a text table is written; null for Parquet. */
  readonly text: TextFile | null;
}

/**
 * @param scratch folder for a Parquet copy
 * @throws ArcletError when it is missing, empty, or not a table
 */
export async function openTable(path: string, scratch: string): Promise<TableFile> {
  if (guarded(path, () => statSync(path)).size === 0)
    throw new ArcletError({ where: path, code: "empty", problem: "is empty" });
  const { format, gzipped, text } = formatOf(path);
  // With 1,5 for a number all of its columns have to be read as what they are.
  if (text !== undefined && !text.form.decimalComma) {
    const source: TextSource = plainSource(text) ?? (await rewrittenSource(text, folderFor(path, scratch)));
    return { path, read: source.file, sql: source.sql, text };
  }
  if (format === "parquet" && !gzipped) return { path, read: path, sql: parquetSource(path), text: null };
  const { table } = await readCatalog(path);
  if (table.count === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no row" });
  const read = join(folderFor(path, scratch), "table.parquet");
  const columns = table.names.map((name) => ({ name, type: table.typeOf(name) }));
  const values = table.names.map((name) => table.column(name));
  await writeCatalog(
    read,
    columns,
    Array.from({ length: table.count }, (_, row) => values.map((column) => column[row]!)),
  );
  return { path, read, sql: parquetSource(read), text: null };
}

/** A folder of its own. */
function folderFor(path: string, scratch: string): string {
  const folder = join(scratch, path.replace(/\W+/g, "-").slice(-100));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs work on a table; where DuckDB can't read a text table, the error says what is wrong in the file. */
export async function explained<T>(file: TableFile, scratch: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const unread = isDuckError(error) || (error instanceof ArcletError && error.code === "broken");
    if (unread && file.text !== null) await rewrittenSource(file.text, folderFor(file.path, scratch));
    throw error;
  }
}

/** The table in SQL with the columns that conditions name as what they look like, but for those that are texts whatever. */
export async function typedSource(
  connection: DuckDBConnection,
  file: TableFile,
  conditions: readonly Condition[],
  texts: readonly string[],
): Promise<string> {
  if (file.text === null) return file.sql;
  const { names, texts: stated, decimalComma } = file.text.form;
  const meant = new Set(conditions.flatMap(({ columns }) => columns.map((name) => name.toLowerCase())));
  const unknown = conditions.flatMap(({ columns }) => columns).find((name) => !isColumn(name, names));
  if (unknown !== undefined) throw noColumn(file.path, unknown, names);
  const named = names.filter((name) => meant.has(name.toLowerCase()));
  const how = { texts: [...texts, ...stated], decimalComma };
  const typed = await typedColumns(connection, file.sql, named, how);
  const changed = typed.filter(({ type }) => type !== "text");
  if (changed.length === 0) return file.sql;
  const casts = changed.map(({ name, sql }) => `${sql} AS ${identifier(name)}`);
  return `(SELECT * REPLACE (${casts.join(", ")}) FROM ${file.sql})`;
}

/** `current_date` and its like look as columns do. */
const isColumn = (name: string, names: readonly string[]): boolean =>
  names.some((one) => one.toLowerCase() === name.toLowerCase()) || /^(current_|local)/i.test(name);

interface Described {
  name: string;
  type: string;
}

async function described(connection: DuckDBConnection, file: TableFile): Promise<Described[]> {
  const query = `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file.sql})`;
  const found = await inOneLine(file.path, () => queried(connection, query));
  return found.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** @throws ArcletError when a needed column is missing */
export async function columnsOf(
  connection: DuckDBConnection,
  file: TableFile,
  needed: readonly string[],
): Promise<string[]> {
  const names = (await described(connection, file)).map(({ name }) => name);
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined) throw noColumn(file.path, missing, names);
  return names;
}

/** @throws ArcletError for a table without a row: its columns are of no type that a condition fits */
export async function refuseEmpty(connection: DuckDBConnection, { path, sql }: TableFile): Promise<void> {
  const rows = await queried(connection, `SELECT 1 FROM ${sql} LIMIT 1`);
  if (rows.length === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no row" });
}

/**
 * The column that names the objects: its name, and its texts in SQL.
 *
 * @throws ArcletError when there is none, or an id is a floating-point number that can't be told from its neighbours
 */
export async function idOf(
  connection: DuckDBConnection,
  file: TableFile,
  names: readonly string[],
): Promise<{ name: string; id: string }> {
  const { path, sql } = file;
  const name = idColumn(names);
  if (name === undefined) return refuse(path, "columns", "a list with an id column", names);
  const own = identifier(name);
  const type = (await described(connection, file)).find((one) => one.name === name)!.type;
  if (type !== "DOUBLE" && type !== "FLOAT") return { name, id: `nullif(trim(${own}::VARCHAR), '')` };
  const query = `SELECT ${own} FROM ${sql} WHERE abs(${own}) >= ${EXACT[type]} AND isfinite(${own}) LIMIT 1`;
  const [beyond] = await queried(connection, query);
  if (beyond !== undefined) throw inexactId({ where: path }, name, beyond[0]);
  // As whole numbers are written elsewhere: 5, not 5.0.
  return {
    name,
    id: `CASE WHEN ${own} = trunc(${own}) THEN ${own}::BIGINT::VARCHAR ELSE ${own}::VARCHAR END`,
  };
}
