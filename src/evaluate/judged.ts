/**
 * A score table and a truth table matched by id: checked, joined in DuckDB and streamed into typed arrays, so that ten
 * million rows need no ten million strings.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { conditionOf } from "../catalog/condition.ts";
import { identifier, inOneLine, lockDown, queried } from "../catalog/duck.ts";
import {
  columnsOf,
  explained,
  idOf,
  openTable,
  refuseEmpty,
  type TableFile,
  typedSource,
} from "../catalog/table-file.ts";
import { ArcletError } from "../foundation/errors.ts";
import { COMPLETENESS_COLUMNS } from "./completeness.ts";
import { withoutGradedRows } from "./graded-scores.ts";
import { type JudgedRows, joinedRows } from "./judged-rows.ts";
import { loadScores, refuseDuplicates } from "./score-table.ts";
import { inScratchDatabase } from "./scratch-database.ts";

/** A truth table in any catalogue format, and two SQL conditions on its columns, e.g. `grade >= 2`. */
export interface Truth {
  /** The table of truth. */
  readonly path: string;
  /** Rows that meet it are positives. */
  readonly positives: string;
  /** Rows that meet it are negatives; those that meet neither are not judged. Null if only positives are needed. */
  readonly negatives: string | null;
  /** Whether rows that the scores mark as graded are left out; if not, they are refused. */
  readonly withoutGraded?: boolean;
}

/** Scores joined with their truth. */
export interface Judged extends JudgedRows {
  /** A model behind the scores was trained on data that leak. */
  readonly leak: boolean;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/** At most this many kinds of look-alikes are distinguished. */
const MOST_KINDS = 1000;

/**
 * @throws ArcletError naming the file for: an empty or missing file, a missing column, a score that is not finite, an id
 *   that occurs twice, a judged id without a score, a condition that can't be read, a row that meets both conditions, or
 *   one class only
 */
export async function readJudged(path: string, truth: Truth): Promise<Judged> {
  return inScratchDatabase(path, async (connection, scratch) => {
    const scores = await openTable(path, scratch);
    const { calibrated, leak } = await explained(scores, scratch, () => loadScores(connection, scores));
    const file = await openTable(truth.path, scratch);
    const kinds = await explained(file, scratch, () =>
      inOneLine(truth.path, () => loadTruth(connection, file, truth)),
    );
    const graded = await withoutGradedRows(connection, path, truth.path, truth.withoutGraded ?? false);
    if (graded.length > 0) await refuseMissingClass(connection, truth);
    const { matched, missing, ...judged } = await joinedRows(connection, calibrated, kinds);
    const notes = await checkIds(connection, { matched, missing }, path, truth);
    return { ...judged, leak, notes: [...graded, ...notes] };
  });
}

/**
 * Tables `t` (a row an id: yes, no, sky position, and what completeness needs) and `p` (sky positions by number). Positions
 * are known by 64-bit hashes: among ten million, two collide with a chance of 3 in a million.
 *
 * @param fix the way out of an id that occurs twice, if there is one
 * @returns the kinds of the negatives; null for none
 */
export async function loadTruth(
  connection: DuckDBConnection,
  file: TableFile,
  { path, positives, negatives }: Truth,
  fix?: string,
): Promise<string[] | null> {
  const names = await columnsOf(connection, file, []);
  const { name, id } = await idOf(connection, file, names);
  await refuseEmpty(connection, file);
  const yes = await conditionOf(connection, path, positives);
  const no = await conditionOf(connection, path, negatives ?? "false");
  const texts = [name, ...(names.includes("group") ? ["group"] : [])];
  const from = await typedSource(connection, file, [yes, no], texts);
  // Only now is anything run that the user wrote.
  await lockDown(connection, [file.read]);
  const position = names.includes("group") ? `hash(coalesce("group"::VARCHAR, ${id}))` : "NULL::UBIGINT";
  const numbers = COMPLETENESS_COLUMNS.map(({ column }) =>
    names.includes(column)
      ? `coalesce(TRY_CAST(${identifier(column)} AS DOUBLE), 'nan'::DOUBLE) AS ${column}`
      : `'nan'::DOUBLE AS ${column}`,
  );
  const kind = names.includes("kind") ? "kind::VARCHAR" : "NULL::VARCHAR";
  await connection.run(
    `CREATE TEMP TABLE t AS SELECT ${id} AS id, coalesce(${yes.sql}, false) AS yes,
     coalesce(${no.sql}, false) AS no, ${position} AS sky_position, ${numbers.join(", ")}, ${kind} AS kind FROM ${from}`,
  );
  await refuseDuplicates(connection, path, "t", fix);
  const [both] = await queried(connection, "SELECT min(id) FROM t WHERE yes AND no");
  if (both![0] !== null)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `id ${both![0]} meets both (${positives}) and (${negatives})`,
    });
  await refuseMissingClass(connection, { path, positives, negatives });
  await connection.run(
    `CREATE TEMP TABLE p AS SELECT sky_position, (row_number() OVER (ORDER BY sky_position) - 1)::INTEGER AS number
     FROM (SELECT DISTINCT sky_position FROM t WHERE sky_position IS NOT NULL)`,
  );
  const kinds = await queried(
    connection,
    `SELECT DISTINCT kind FROM t WHERE no AND kind IS NOT NULL ORDER BY kind LIMIT ${MOST_KINDS + 1}`,
  );
  return kinds.length === 0 || kinds.length > MOST_KINDS ? null : kinds.map(([name]) => String(name));
}

/** @throws ArcletError unless there are positives, and negatives if they are needed */
async function refuseMissingClass(
  connection: DuckDBConnection,
  { path, positives, negatives }: Truth,
): Promise<void> {
  const [counts] = await queried(
    connection,
    "SELECT count(*) FILTER (yes), count(*) FILTER (no), count(*) FROM t",
  );
  const [positive, negative, all] = counts!.map(Number);
  const none = [
    ...(positive === 0 ? [`positive (${positives})`] : []),
    ...(negative === 0 && negatives !== null ? [`negative (${negatives})`] : []),
  ];
  if (none.length > 0) {
    const needed = negatives === null ? "positives" : "both classes";
    throw new ArcletError({
      where: path,
      code: "empty",
      problem: `${needed} are needed, but none of its ${all} rows is ${none.join(", and none is ")}`,
    });
  }
}

/** Refuses judged ids without a score. @returns a note on scores without truth, if there are any */
async function checkIds(
  connection: DuckDBConnection,
  { matched, missing }: { matched: number; missing: number },
  path: string,
  truth: Truth,
): Promise<string[]> {
  const [counts] = await queried(
    connection,
    "SELECT (SELECT count(*) FROM s), count(*) FILTER (yes OR no) FROM t",
  );
  const [scored, judged] = counts!.map(Number) as [number, number];
  // Ids are unique within each table, so what is not matched is extra.
  const extra = scored - matched;
  const firstId = async (table: string, other: string, condition: string) =>
    (
      await queried(
        connection,
        `SELECT min(id) FROM ${table} ANTI JOIN ${other} USING (id) WHERE ${condition}`,
      )
    )[0]![0];
  if (missing > 0) {
    const unscored = await firstId("t", "s", "yes OR no");
    const extraText =
      extra === 0 ? "" : `; ids of the scores without truth look like ${await firstId("s", "t", "true")}`;
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `has no score for ${missing} of the ${judged} judged ids of ${truth.path}, the first is ${unscored}${extraText}`,
    });
  }
  if (extra === 0) return [];
  const unjudged = await firstId("s", "t", "true");
  return [
    `${path}: ${extra} of its ${scored} ids are not in ${truth.path} and are not judged, the first is ${unjudged}`,
  ];
}
