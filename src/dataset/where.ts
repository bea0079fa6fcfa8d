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
 * @param labels false where labels must not be read: the condition then knows no column of that name
 * @throws ArcletError when the condition can't be understood
 */
export async function rowsWhere(folder: string, condition: string, labels = true): Promise<Int32Array> {
  const path = join(folder, TABLE_FILE);
  return withDuckDB(":memory:", path, async (connection) => {
    const { sql } = await conditionOf(connection, folder, condition);
    await lockDown(connection, [path]);
    const columns = labels ? "*" : "COLUMNS(name -> name <> 'label')";
    const query = `SELECT file_row_number AS row_index
      FROM (SELECT ${columns} FROM ${parquetSource(path, "file_row_number = true")})
      WHERE ${sql} ORDER BY row_index`;
    const reader = await connection.runAndReadAll(query).catch((error: unknown) => {
      if (!isDuckError(error)) throw error;
      const problem = `${JSON.stringify(condition)} is not a valid condition (${duckText(error)})`;
      const fix = labels ? undefined : "labels are not read here: say it by the other columns";
      throw new ArcletError(
        { where: folder, code: "argument", problem, ...(fix && { fix }) },
        { cause: error },
      );
    });
    // Without rows there are no columns.
    return Int32Array.from((reader.getColumnsJS()[0] ?? []) as unknown[], Number);
  });
}
