/** DuckDB, loaded on first use and opened for one piece of work: it reads CSV and Parquet, and writes Parquet. */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckText } from "../foundation/errors/foreign-text.ts";
import { ArcletError } from "../foundation/errors.ts";
import { refuseTooLittleRoom } from "../foundation/memory-room.ts";

/** DuckDB's package, loaded on the first call. An `import` takes twice as long, since it scans all files for names. */
export const duckDB = (): typeof import("@duckdb/node-api") =>
  createRequire(import.meta.url)("@duckdb/node-api");

/** What opening it and reading a small table takes: 132 and 130 MB of addresses. */
const ROOM = { addresses: 2 ** 28 };

/** One thread, so that a Parquet file has the same bytes each time; nothing is fetched from the network. */
const SETTINGS = {
  threads: "1",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

/**
 * Opens a database, runs `work`, and closes it in any case.
 *
 * @param path `:memory:`, or a file for tables that may outgrow memory
 * @param about the user's file; DuckDB's errors become one line that names it
 * @param settings of DuckDB, over `SETTINGS`
 */
export async function withDuckDB<T>(
  path: string,
  about: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  return inOneLine(about, async () => {
    const { connection, close } = await openDuckDB(path, about, settings);
    try {
      return await work(connection);
    } finally {
      close();
    }
  });
}

/**
 * A database that stays open until it is closed; `withDuckDB` serves where one piece of work is all.
 *
 * @param about the user's file
 * @throws ArcletError where a limit of addresses leaves no room, in which DuckDB ends the program by a signal
 */
export async function openDuckDB(
  path: string,
  about: string,
  settings: Record<string, string> = {},
): Promise<{ connection: DuckDBConnection; close(): void }> {
  refuseTooLittleRoom(about, "DuckDB", ROOM, "open");
  // A name like `md:x` would be a service's.
  const file = path === ":memory:" ? path : resolve(path);
  const instance = await duckDB().DuckDBInstance.create(file, { ...SETTINGS, ...settings });
  try {
    const connection = await instance.connect();
    const close = () => {
      connection.closeSync();
      instance.closeSync();
    };
    return { connection, close };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Runs work on a file: DuckDB's errors become one line that names it. */
export async function inOneLine<T>(about: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDuckError(error)) throw error;
    throw new ArcletError({ where: about, code: "broken", problem: duckText(error) }, { cause: error });
  }
}

/** DuckDB's binding throws plain errors without a code; the system's have one, and a bug's have another class. */
export const isDuckError = (error: unknown): error is Error =>
  error instanceof Error && error.constructor === Error && !("code" in error);

/** A query's rows, each a list of its columns' values. */
export const queried = async (connection: DuckDBConnection, query: string): Promise<unknown[][]> =>
  (await connection.runAndReadAll(query)).getRowsJS();

/**
 * From here on the connection's database reads these files and no other, writes none, and none of this can be changed: what
 * runs before an expression of the user's.
 */
export async function lockDown(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  // DuckDB holds the list against the pattern as it is given, and against the files that it stands for.
  const allowed = files.flatMap((file) => [literal(resolve(file)), fileLiteral(file)]);
  await connection.run(`SET allowed_paths = [${allowed.join(", ")}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

/** A Parquet file as a table in SQL; `options` of `read_parquet`, e.g. `file_row_number = true`. */
export function parquetSource(path: string | readonly string[], ...options: string[]): string {
  const files = typeof path === "string" ? fileLiteral(path) : `[${path.map(fileLiteral).join(", ")}]`;
  return `read_parquet(${[files, "hive_partitioning = false", ...options].join(", ")})`;
}

/**
 * The name of exactly one file to read, as an SQL literal: `*`, `?` and `[` are no pattern.
 *
 * @throws ArcletError for a name with a backslash and one of these, which DuckDB can't be given
 */
export function fileLiteral(path: string): string {
  const whole = resolve(path);
  if (!/[*?[]/.test(whole)) return literal(whole);
  if (whole.includes("\\"))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: "has a backslash and one of * ? [ in its name or its folders'",
      fix: "rename it",
    });
  return literal(whole.replace(/[*?[]/g, (sign) => `[${sign}]`));
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
