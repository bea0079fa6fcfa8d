/** A score table in DuckDB, checked. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { queried } from "../catalog/duck.ts";
import { columnsOf, idOf, refuseEmpty, type TableFile } from "../catalog/table-file.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { GRADED_COLUMN } from "./graded-scores.ts";

/**
 * Makes table `s`: id, score, calibrated (0 if the table has no such column), graded (whether the finder learned from it).
 *
 * @throws ArcletError for a missing column, no row, an id that is missing or occurs twice, a score that is not finite
 * @returns whether it has calibrated probabilities, and whether a model behind it was trained on data that leak
 */
export async function loadScores(
  connection: DuckDBConnection,
  file: TableFile,
): Promise<{ calibrated: boolean; leak: boolean }> {
  const { path } = file;
  const names = await columnsOf(connection, file, ["score"]);
  const { id } = await idOf(connection, file, names);
  await refuseEmpty(connection, file);
  let calibrated = names.includes("calibrated");
  const number = (name: string) => `TRY_CAST(${name} AS DOUBLE)`;
  const from = file.sql;
  await connection.run(
    `CREATE TEMP TABLE s AS SELECT ${id} AS id, ${number("score")} AS score,
     ${calibrated ? number("calibrated") : "0::DOUBLE"} AS calibrated,
     ${names.includes(GRADED_COLUMN) ? `coalesce(TRY_CAST(${GRADED_COLUMN} AS BOOLEAN), false)` : "false"} AS graded
     FROM ${from}`,
  );
  const wrong = async (condition: string, column: string, must: string) => {
    const [first] = await queried(connection, `SELECT min(rowid) FROM s WHERE ${condition}`);
    const rowid = first![0];
    if (rowid === null) return;
    const shown = column === "id" ? id : column;
    const [[got] = []] = await queried(connection, `SELECT ${shown} FROM ${from} LIMIT 1 OFFSET ${rowid}`);
    refuse({ where: path, row: Number(rowid) + 1 }, column, must, got ?? undefined);
  };
  await wrong("id IS NULL", "id", "given");
  await wrong("score IS NULL OR NOT isfinite(score)", "score", "a finite number");
  calibrated &&= await anyGiven(connection, from);
  if (calibrated)
    await wrong("calibrated IS NULL OR NOT calibrated BETWEEN 0 AND 1", "calibrated", "between 0 and 1");
  await refuseDuplicates(connection, path, "s");
  const [[leak] = []] = names.includes("leak")
    ? await queried(connection, `SELECT coalesce(bool_or(TRY_CAST(leak AS BOOLEAN)), false) FROM ${from}`)
    : [[false]];
  return { calibrated, leak: leak === true };
}

/** Whether the column is not wholly empty: `score` leaves it so where the prior's estimate is at its bound. */
async function anyGiven(connection: DuckDBConnection, from: string): Promise<boolean> {
  const text = "lower(trim(calibrated::VARCHAR))";
  const given = `SELECT 1 FROM ${from} WHERE ${text} NOT IN ('', 'nan') LIMIT 1`;
  return (await queried(connection, given)).length > 0;
}

/** @throws ArcletError when a table in DuckDB has an id twice */
export async function refuseDuplicates(
  connection: DuckDBConnection,
  path: string,
  table: string,
  fix?: string,
): Promise<void> {
  const [duplicate] = await queried(
    connection,
    `SELECT count(*), min(id), arg_min(times, id)
     FROM (SELECT id, count(*) AS times FROM ${table} GROUP BY id HAVING count(*) > 1)`,
  );
  const [count, first, times] = duplicate!;
  if (Number(count) === 0) return;
  const others = Number(count) === 1 ? "" : `, and ${Number(count) - 1} more ids do so more than once`;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem: `id ${first} occurs ${times} times${others}`,
    ...(fix === undefined ? {} : { fix }),
  });
}
