/** Score tables: what `score` writes and `evaluate` reads. CSV, or Parquet where the file is called so. */
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { literal, withDuckDB } from "../data/duck.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";

export interface ScoreTable {
  /** In the table's order. */
  ids: readonly string[];
  scores: Float64Array;
}

export interface ScoredImages {
  ids: readonly string[];
  classes: readonly string[];
  /** N × K, row-major. */
  probabilities: Float32Array;
  /** Place of the class that is looked for. */
  positive: number;
  /** Its calibrated probability (N); null where there is none. */
  calibrated?: Float64Array | null;
}

/** Rows from the highest score to the lowest, those of equal score by id: the same order on every machine. */
export function ranking({ ids, classes, probabilities, positive }: ScoredImages): Int32Array {
  const score = (row: number) => probabilities[row * classes.length + positive]!;
  const order = Int32Array.from(ids, (_, row) => row);
  return order.sort((a, b) => score(b) - score(a) || (ids[a]! < ids[b]! ? -1 : 1));
}

/**
 * Writes `id, rank, score, p_<class>…` and `calibrated` where it is known, best first.
 *
 * @throws ArcletError when the file can't be written
 */
export async function writeScores(path: string, images: ScoredImages): Promise<void> {
  const { ids, classes, probabilities, positive, calibrated = null } = images;
  const K = classes.length;
  const head = ["id", "rank", "score", ...classes.map((name) => `p_${name}`)];
  const lines = [[...head, ...(calibrated ? ["calibrated"] : [])].map(field).join(",")];
  ranking(images).forEach((row, place) => {
    const p = Array.from(probabilities.subarray(row * K, (row + 1) * K), number);
    const honest = calibrated ? [number(calibrated[row]!)] : [];
    lines.push([field(ids[row]!), place + 1, p[positive], ...p, ...honest].join(","));
  });
  const csv = `${lines.join("\n")}\n`;
  if (!path.endsWith(".parquet")) return writeFileWhole(path, csv);
  const partial = `${path}.partial`;
  writeFileWhole(`${partial}.csv`, csv);
  try {
    await withDuckDB(":memory:", path, async (connection) => {
      const rows = `SELECT * FROM read_csv(${literal(`${partial}.csv`)}, header = true, types = {'id': 'VARCHAR'})`;
      await connection.run(`COPY (${rows} ORDER BY rank) TO ${literal(partial)} (FORMAT parquet)`);
    });
    renameSync(partial, path);
  } finally {
    for (const file of [`${partial}.csv`, partial]) if (existsSync(file)) rmSync(file);
  }
}

const field = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Nine digits tell every float32 from its neighbours. */
const number = (value: number): string => String(Number(value.toPrecision(9)));

/** Reads a table's `id` and `score`. @throws ArcletError for a missing file or column, or a score that is no number */
export async function readScores(path: string): Promise<ScoreTable> {
  const rows = await select(path, `SELECT id::VARCHAR AS id, score::DOUBLE AS score FROM ${source(path)}`);
  const bad = rows.findIndex(([, score]) => typeof score !== "number" || !Number.isFinite(score));
  if (bad >= 0) throw new ArcletError(`${path} row ${bad + 1}: score must be a number, got ${rows[bad]![1]}`);
  const ids = rows.map(([id]) => String(id));
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new ArcletError(`${path}: id ${id} occurs twice`);
    seen.add(id);
  }
  return { ids, scores: Float64Array.from(rows, ([, score]) => score as number) };
}

/**
 * Reads which rows of a table are positives and which negatives, by two conditions in SQL on its columns, e.g.
 * `grade >= 2`. Rows that meet neither take no part.
 *
 * @returns by id: whether it is a positive, and its group (its id where the table has no groups)
 * @throws ArcletError for a condition that can't be read, or a row that meets both
 */
export async function readTruth(
  path: string,
  positive: string,
  negative: string,
): Promise<Map<string, { positive: boolean; group: string }>> {
  const columns = await select(path, `SELECT column_name FROM (DESCRIBE SELECT * FROM ${source(path)})`);
  const group = columns.some(([name]) => name === "group") ? `"group"::VARCHAR` : "id::VARCHAR";
  const yes = `coalesce((${positive}), false)`;
  const no = `coalesce((${negative}), false)`;
  const rows = await select(
    path,
    `SELECT id::VARCHAR, ${yes}, ${no}, ${group} FROM ${source(path)} WHERE ${yes} OR ${no}`,
  );
  const truth = new Map<string, { positive: boolean; group: string }>();
  for (const [id, isPositive, isNegative, of] of rows) {
    if (isPositive && isNegative)
      throw new ArcletError(`${path}: id ${id} meets both (${positive}) and (${negative})`);
    truth.set(String(id), { positive: Boolean(isPositive), group: String(of) });
  }
  return truth;
}

const source = (path: string): string =>
  path.endsWith(".parquet") ? `read_parquet(${literal(path)})` : `read_csv(${literal(path)}, header = true)`;

async function select(path: string, query: string): Promise<unknown[][]> {
  guarded(path, () => statSync(path));
  return withDuckDB(":memory:", path, async (connection) =>
    (await connection.runAndReadAll(query)).getRowsJS(),
  );
}
