/**
 * A score table held against a table of truth, by id: checked, joined in DuckDB and streamed into typed arrays, so that ten
 * million rows need no ten million strings.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, inOneLine, queried, withDuckDB } from "../catalog/duck.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { COMPLETENESS_COLUMNS } from "./completeness.ts";
import { type JudgedRows, joinedRows } from "./judged-rows.ts";
import { columnsOf, idOf, openTable, sourceOf, type TableFile } from "./table-file.ts";

/** A table of truth, of any format of a catalogue, and two conditions in SQL on its columns, e.g. `grade >= 2`. */
export interface Truth {
  readonly path: string;
  /** Rows that meet it are positives. */
  readonly positives: string;
  /** Rows that meet it are negatives; those that meet neither take no part. Null where positives alone are asked for. */
  readonly negatives: string | null;
}

export interface Judged extends JudgedRows {
  /** A model behind the scores was trained on data that leak. */
  readonly leak: boolean;
  /** What a person should know, a line each. */
  readonly said: readonly string[];
}

/** Memory that DuckDB may take before it goes to the disk. */
const MEMORY = "2GB";
/** Kinds of look-alikes that are told apart at most. */
const MOST_KINDS = 1000;

/**
 * @throws ArcletError naming the file for: an empty or missing file, a missing column, a score that is no finite number, an id
 *   that occurs twice, a judged id without a score, a condition that can't be read, a row that meets both conditions, or one
 *   class only
 */
export async function readJudged(path: string, truth: Truth): Promise<Judged> {
  const scratch = mkdtempSync(join(tmpdir(), "arclet-evaluate-"));
  const settings = { threads: String(availableParallelism()), memory_limit: MEMORY, temp_directory: scratch };
  try {
    return await withDuckDB(
      ":memory:",
      path,
      async (connection) => {
        const { calibrated, leak } = await loadScores(connection, await openTable(path, scratch));
        const file = await openTable(truth.path, scratch);
        const kinds = await inOneLine(truth.path, () => loadTruth(connection, file, truth));
        const { matched, missing, ...judged } = await joinedRows(connection, calibrated, kinds);
        const said = await checkSame(connection, { matched, missing }, path, truth);
        return { ...judged, leak, said };
      },
      settings,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Table `s`: id, score, calibrated. @returns whether there are calibrated probabilities, and a mark of data that leak */
async function loadScores(
  connection: DuckDBConnection,
  file: TableFile,
): Promise<{ calibrated: boolean; leak: boolean }> {
  const { path } = file;
  const names = await columnsOf(connection, file, ["score"]);
  const { name, id } = idOf(file, names);
  let calibrated = names.includes("calibrated");
  const number = (name: string) => `TRY_CAST(${name} AS DOUBLE)`;
  const from = sourceOf(file, [name, "score", ...(calibrated ? ["calibrated"] : [])]);
  await connection.run(
    `CREATE TEMP TABLE s AS SELECT ${id}::VARCHAR AS id, ${number("score")} AS score,
     ${calibrated ? number("calibrated") : "0::DOUBLE"} AS calibrated FROM ${from}`,
  );
  await refuseFew(connection, path, "s");
  const wrong = async (condition: string, column: string, must: string) => {
    const [found] = await queried(connection, `SELECT min(rowid) FROM s WHERE ${condition}`);
    if (found![0] === null) return;
    const shown = column === "id" ? id : column;
    const [[got] = []] = await queried(
      connection,
      `SELECT ${shown} FROM ${from} LIMIT 1 OFFSET ${found![0]}`,
    );
    refuse({ where: path, row: Number(found![0]) + 1 }, column, must, got ?? undefined);
  };
  await wrong("id IS NULL", "id", "given");
  await wrong("score IS NULL OR NOT isfinite(score)", "score", "a finite number");
  calibrated &&= await anyGiven(connection, from);
  if (calibrated)
    await wrong("calibrated IS NULL OR NOT calibrated BETWEEN 0 AND 1", "calibrated", "between 0 and 1");
  await refuseTwice(connection, path, "s");
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

/**
 * Tables `t` (a row an id: yes, no, place, and what completeness needs) and `p` (places by number). Places are known by a hash
 * of 64 bits: of ten million, two are taken for one with a chance of 3 in a million.
 *
 * @returns the kinds of negatives; null for none
 */
async function loadTruth(
  connection: DuckDBConnection,
  file: TableFile,
  { path, positives, negatives }: Truth,
): Promise<string[] | null> {
  const names = await columnsOf(connection, file, []);
  const { name, id } = idOf(file, names);
  const place = names.includes("group")
    ? `hash(coalesce("group"::VARCHAR, ${id}::VARCHAR))`
    : "NULL::UBIGINT";
  const numbers = COMPLETENESS_COLUMNS.map(({ column }) =>
    names.includes(column)
      ? `coalesce(TRY_CAST(${identifier(column)} AS DOUBLE), 'nan'::DOUBLE) AS ${column}`
      : `'nan'::DOUBLE AS ${column}`,
  );
  const kind = names.includes("kind") ? "kind::VARCHAR" : "NULL::VARCHAR";
  await connection.run(
    `CREATE TEMP TABLE t AS SELECT ${id}::VARCHAR AS id, coalesce((${positives}), false) AS yes,
     coalesce((${negatives ?? "false"}), false) AS no, ${place} AS place, ${numbers.join(", ")}, ${kind} AS kind
     FROM ${sourceOf(file, [name, ...(names.includes("group") ? ["group"] : [])])}`,
  );
  await refuseFew(connection, path, "t");
  await refuseTwice(connection, path, "t");
  const [both] = await queried(connection, "SELECT min(id) FROM t WHERE yes AND no");
  if (both![0] !== null)
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: `id ${both![0]} meets both (${positives}) and (${negatives})`,
    });
  const [counts] = await queried(
    connection,
    "SELECT count(*) FILTER (yes), count(*) FILTER (no), count(*) FROM t",
  );
  const [yes, no, all] = counts!.map(Number);
  const none = [
    ...(yes === 0 ? [`positive (${positives})`] : []),
    ...(no === 0 && negatives !== null ? [`negative (${negatives})`] : []),
  ];
  if (none.length > 0) {
    const needed = negatives === null ? "positives" : "both classes";
    throw new ArcletError({
      where: path,
      code: "empty",
      problem: `${needed} are needed, but none of its ${all} rows is ${none.join(", and none is ")}`,
    });
  }
  await connection.run(
    `CREATE TEMP TABLE p AS SELECT place, (row_number() OVER (ORDER BY place) - 1)::INTEGER AS number
     FROM (SELECT DISTINCT place FROM t WHERE place IS NOT NULL)`,
  );
  const kinds = await queried(
    connection,
    `SELECT DISTINCT kind FROM t WHERE no AND kind IS NOT NULL ORDER BY kind LIMIT ${MOST_KINDS + 1}`,
  );
  return kinds.length === 0 || kinds.length > MOST_KINDS ? null : kinds.map(([name]) => String(name));
}

/** Refuses judged ids without a score. @returns what there is to say of scores without truth */
async function checkSame(
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
  // The ids of either table are different ones, so what is not matched is extra.
  const extra = scored - matched;
  const first = async (table: string, other: string, condition: string) =>
    (
      await queried(
        connection,
        `SELECT min(id) FROM ${table} ANTI JOIN ${other} USING (id) WHERE ${condition}`,
      )
    )[0]![0];
  if (missing > 0) {
    const without = await first("t", "s", "yes OR no");
    const alike =
      extra === 0 ? "" : `; ids of the scores without truth are like ${await first("s", "t", "true")}`;
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `has no score for ${missing} of the ${judged} judged ids of ${truth.path}, the first is ${without}${alike}`,
    });
  }
  if (extra === 0) return [];
  const other = await first("s", "t", "true");
  return [
    `${path}: ${extra} of its ${scored} ids are not in ${truth.path} and are not judged, the first is ${other}`,
  ];
}

async function refuseFew(connection: DuckDBConnection, path: string, table: string): Promise<void> {
  const [[count] = []] = await queried(connection, `SELECT count(*) FROM ${table}`);
  if (Number(count) === 0) throw new ArcletError({ where: path, code: "empty", problem: "has no row" });
}

async function refuseTwice(connection: DuckDBConnection, path: string, table: string): Promise<void> {
  const [found] = await queried(
    connection,
    `SELECT count(*), min(id), arg_min(times, id)
     FROM (SELECT id, count(*) AS times FROM ${table} GROUP BY id HAVING count(*) > 1)`,
  );
  const [count, first, times] = found!;
  if (Number(count) === 0) return;
  const others = Number(count) === 1 ? "" : `, and ${Number(count) - 1} more ids do so more than once`;
  throw new ArcletError({
    where: path,
    code: "conflict",
    problem: `id ${first} occurs ${times} times${others}`,
  });
}
