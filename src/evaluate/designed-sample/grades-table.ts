/** A table of grades in DuckDB. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { conditionOf } from "../../catalog/condition.ts";
import { identifier, lockDown } from "../../catalog/duck.ts";
import { columnsOf, idOf, refuseEmpty, type TableFile, typedSource } from "../../catalog/table-file.ts";
import { refuseDuplicates } from "../score-table.ts";

/** What the columns of table `graded` that hold what graders gave begin with. */
export const GIVEN = "given_";

/**
 * Makes table `graded`: id, positive (null where the row is not graded), and `given_…`, the text of each column that the
 * condition names. From here on the connection reads no other file.
 *
 * @param positives the condition that makes a row a lens
 * @returns the names of these columns, as the table writes them
 * @throws ArcletError for a table without a row or ids, an id that occurs twice, a condition that can't be read
 */
export async function loadGrades(
  connection: DuckDBConnection,
  file: TableFile,
  positives: string,
): Promise<string[]> {
  const { path } = file;
  const names = await columnsOf(connection, file, []);
  const { name, id } = await idOf(connection, file, names);
  await refuseEmpty(connection, file);
  const condition = await conditionOf(connection, path, positives);
  const from = await typedSource(connection, file, [condition], [name]);
  const meant = new Set(condition.columns.map((column) => column.toLowerCase()));
  const given = names.filter((column) => meant.has(column.toLowerCase()));
  const texts = given.map((column) => `, ${identifier(column)}::VARCHAR AS ${identifier(GIVEN + column)}`);
  // Only now is anything run that the user wrote.
  await lockDown(connection, [file.read]);
  await connection.run(
    `CREATE TEMP TABLE graded AS
     SELECT ${id} AS id, (${condition.sql})::BOOLEAN AS positive${texts.join("")} FROM ${from}`,
  );
  await refuseDuplicates(connection, path, "graded");
  return given;
}
