/** DuckDB, opened for one piece of work: it reads CSV and Parquet and writes Parquet. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ArcletError } from "../foundation/errors.ts";

/**
 * Opens a database, runs `work` and closes it whatever happens.
 *
 * @param path `:memory:`, or a file for tables that may outgrow memory
 * @param about the user's file that the work is on: DuckDB's errors become one line that names it
 * @param settings of DuckDB; one thread unless they say otherwise, so that a Parquet file is the same bytes each time
 */
export async function withDuckDB<T>(
  path: string,
  about: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  return inOneLine(about, async () => {
    const instance = await DuckDBInstance.create(path, { threads: "1", ...settings });
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
    const text = (error as Error).message ?? "";
    const kind =
      /^(IO|Invalid Input|Conversion|Binder|Catalog|Invalid|Out of Memory|Parser) (Error|Exception)?:?\s*/;
    if (error instanceof ArcletError || !kind.test(text)) throw error;
    const first =
      text
        .replace(kind, "")
        .split("\n")
        .filter((line) => line.trim() !== "")[0] ?? text;
    throw new ArcletError(`${about}: ${first.trim()}`, { cause: error });
  }
}

/** A query's rows, each by column. */
export const queried = async (connection: DuckDBConnection, query: string): Promise<unknown[][]> =>
  (await connection.runAndReadAll(query)).getRowsJS();

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
