/** Score tables that mark rows whose grades the finder learned from: such rows can't judge it. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { queried } from "../catalog/duck.ts";
import { ArcletError } from "../foundation/errors.ts";
import { LEAVE_OUT } from "./graded-test.ts";

/** The column that `score` writes for finders that learned from grades. */
export const GRADED_COLUMN = "graded";

/** At most this many ids are named. */
const NAMED = 5;

/**
 * Refuses judged rows (of table `t`) that the scores (of table `s`) mark as graded, or leaves them out.
 *
 * @returns a note on rows that were left out, if there are any
 * @throws ArcletError naming them
 */
export async function withoutGradedRows(
  connection: DuckDBConnection,
  path: string,
  truth: string,
  leaveOut: boolean,
): Promise<string[]> {
  const found = await queried(
    connection,
    "SELECT t.id FROM t JOIN s USING (id) WHERE s.graded AND (t.yes OR t.no) ORDER BY t.rowid",
  );
  if (found.length === 0) return [];
  const ids = found.map(([id]) => String(id));
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  const problem =
    `its finder learned from the grades of ${ids.length} judged ids of ${truth}, or of rows of their groups: ` +
    `${ids.slice(0, NAMED).join(", ")}${more}`;
  if (!leaveOut) throw new ArcletError({ where: path, code: "conflict", problem, fix: LEAVE_OUT });
  await connection.run("UPDATE t SET yes = false, no = false WHERE id IN (SELECT id FROM s WHERE graded)");
  return [`${path}: ${problem}; they are left out`];
}
