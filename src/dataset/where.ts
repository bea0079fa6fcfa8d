/** Rows of a dataset by an SQL condition on any column of its table. */
import { join } from "node:path";
import { conditionOf } from "../catalog/condition.ts";
import { isDuckError, lockDown, parquetSource, withDuckDB } from "../catalog/duck.ts";
import { duckText } from "../foundation/errors/foreign-text.ts";
import { ArcletError } from "../foundation/errors.ts";
import { TABLE_FILE } from "./info.ts";

/**
 * The rows of a dataset's table, from 0, that meet a condition, e.g. `label = 'not-lens' and theta_e < 2`.
 *
 * @throws ArcletError when the condition can't be understood
 */
export async function rowsWhere(folder: string, condition: string): Promise<Int32Array> {
  const path = join(folder, TABLE_FILE);
  return withDuckDB(":memory:", path, async (connection) => {
    const { sql } = await conditionOf(connection, folder, condition);
    await lockDown(connection, [path]);
    const query = `SELECT file_row_number AS row_index FROM ${parquetSource(path, "file_row_number = true")}
      WHERE ${sql} ORDER BY row_index`;
    const reader = await connection.runAndReadAll(query).catch((error: unknown) => {
      if (!isDuckError(error)) throw error;
      const problem = `${JSON.stringify(condition)} is not a valid condition (${duckText(error)})`;
      throw new ArcletError({ where: folder, code: "argument", problem }, { cause: error });
    });
    // Without rows there are no columns.
    return Int32Array.from((reader.getColumnsJS()[0] ?? []) as unknown[], Number);
  });
}
