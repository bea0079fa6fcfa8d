/** DuckDB, loaded on first use and opened for one piece of work: it reads CSV and Parquet, and writes Parquet. */
import { createRequire } from "node:module";
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckText } from "../foundation/errors/foreign-text.ts";
import { ArcletError } from "../foundation/errors.ts";

/** DuckDB's package, loaded on the first call. An `import` takes twice as long, since it scans all files for names. */
export const duckDB = (): typeof import("@duckdb/node-api") =>
  createRequire(import.meta.url)("@duckdb/node-api");

/**
 * Opens a database, runs `work`, and closes it in any case.
 *
 * @param path `:memory:`, or a file for tables that may outgrow memory
 * @param about the user's file; DuckDB's errors become one line that names it
 * @param settings of DuckDB; one thread by default, so that a Parquet file has the same bytes each time
 */
export async function withDuckDB<T>(
  path: string,
  about: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  return inOneLine(about, async () => {
    const instance = await duckDB().DuckDBInstance.create(path, { threads: "1", ...settings });
    try {
      const connection = await instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  });
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

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
