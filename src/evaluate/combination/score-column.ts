/** One column of scores of a user's table, by id. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, queried, withDuckDB } from "../../catalog/duck.ts";
import {
  columnsOf,
  explained,
  idOf,
  openTable,
  refuseEmpty,
  type TableFile,
} from "../../catalog/table-file.ts";
import { refuse } from "../../foundation/errors.ts";
import { GRADED_COLUMN } from "../graded-scores.ts";
import { refuseDuplicates } from "../score-table.ts";
import { joinSettings } from "../scratch-database.ts";
import type { Input } from "./inputs.ts";

export interface ScoreColumn {
  readonly ids: readonly string[];
  /** NaN where a row has none (N). */
  readonly scores: Float64Array;
  /** Degrees, NaN where unknown; null if the table has no ra and dec. */
  readonly positions: { readonly ra: Float64Array; readonly dec: Float64Array } | null;
  /** A model behind the scores was trained on data that leak. */
  readonly leak: boolean;
  /** Ids whose grades the finder learned from, by the table's column `graded`. */
  readonly learned: ReadonlySet<string>;
}

/** Texts for no score, in lower case. */
const NOTHING = "('', 'nan', 'null')";

/**
 * Rows in the table's order. An empty score, or NaN, is one that the finder did not give.
 *
 * @param scratch folder for copies
 * @throws ArcletError naming the file and row for: a missing column, an id that is missing or occurs twice, a score that is no
 *   finite number, scores that are all the same or all missing
 */
export async function readScoreColumn(input: Input, scratch: string): Promise<ScoreColumn> {
  return withDuckDB(
    ":memory:",
    input.path,
    async (connection) => {
      const file = await openTable(input.path, scratch);
      return explained(file, scratch, () => loaded(connection, file, input));
    },
    joinSettings(scratch),
  );
}

async function loaded(
  connection: DuckDBConnection,
  file: TableFile,
  { path, column }: Input,
): Promise<ScoreColumn> {
  const names = await columnsOf(connection, file, [column]);
  const { id } = await idOf(connection, file, names);
  await refuseEmpty(connection, file);
  const own = identifier(column);
  const hasPositions = names.includes("ra") && names.includes("dec");
  const angle = (name: string) =>
    `${hasPositions ? `coalesce(TRY_CAST(${name} AS DOUBLE), 'nan')` : "0"}::DOUBLE AS ${name}`;
  const learned = names.includes(GRADED_COLUMN)
    ? `coalesce(TRY_CAST(${GRADED_COLUMN} AS BOOLEAN), false)`
    : "false";
  await connection.run(
    `CREATE TEMP TABLE s AS SELECT ${id} AS id, ${own}::VARCHAR AS given,
     CASE WHEN lower(trim(coalesce(${own}::VARCHAR, ''))) IN ${NOTHING} THEN 'nan'::DOUBLE
     ELSE TRY_CAST(${own} AS DOUBLE) END AS score, ${angle("ra")}, ${angle("dec")}, ${learned} AS learned FROM ${file.sql}`,
  );
  const wrong = async (condition: string, shown: string, field: string, must: string) => {
    const [[row, got] = []] = await queried(
      connection,
      `SELECT rowid, ${shown} FROM s WHERE ${condition} ORDER BY rowid LIMIT 1`,
    );
    if (row !== undefined) refuse({ where: path, row: Number(row) + 1 }, field, must, got ?? undefined);
  };
  await wrong("id IS NULL", "id", "id", "given");
  await wrong("score IS NULL OR isinf(score)", "given", column, "a finite number, or empty");
  await refuseDuplicates(connection, path, "s");
  await refuseConstant(connection, path, column);
  const reader = await connection.runAndReadAll("SELECT id, score, ra, dec, learned FROM s ORDER BY rowid");
  const [ids, scores, ra, dec, marks] = reader.getColumns() as [
    string[],
    number[],
    number[],
    number[],
    boolean[],
  ];
  const [[leak] = []] = names.includes("leak")
    ? await queried(connection, `SELECT bool_or(TRY_CAST(leak AS BOOLEAN)) FROM ${file.sql}`)
    : [[false]];
  return {
    ids,
    scores: Float64Array.from(scores),
    positions: hasPositions ? { ra: Float64Array.from(ra), dec: Float64Array.from(dec) } : null,
    leak: leak === true,
    learned: new Set(ids.filter((_, i) => marks[i])),
  };
}

async function refuseConstant(connection: DuckDBConnection, path: string, column: string): Promise<void> {
  const [[least, most, count] = []] = await queried(
    connection,
    "SELECT min(score), max(score), count(*) FROM s WHERE NOT isnan(score)",
  );
  if (Number(count) === 0) refuse(path, column, "given in some row", "none");
  if (least === most) refuse(path, column, "scores that differ", `${least} in all ${count} rows`);
}
