/** Score tables: what `score` writes and `evaluate` reads, in any format of a catalogue. */
import { identifier, withDuckDB } from "../data/duck.ts";
import { fillTable } from "../data/duck-rows.ts";
import { type CatalogColumn, idColumn, readCatalog, type WriteOptions, writeCatalog } from "../data/index.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";

export interface ScoreTable {
  /** In the table's order. */
  ids: readonly string[];
  scores: Float64Array;
  /** Whether a model behind them was trained on data that leak. */
  leak: boolean;
}

export interface ScoredImages {
  ids: readonly string[];
  classes: readonly string[];
  /** N × K, row-major. */
  probabilities: Float32Array;
  /** Place of the class that is looked for. */
  positive: number;
  /** Degrees, null where unknown; left out where none is known. */
  positions?: { ra: readonly (number | null)[]; dec: readonly (number | null)[] };
  /** A model behind them was trained on data that leak: every row says so. */
  leak?: boolean;
}

/** Rows from the highest score to the lowest, those of equal score by id: the same order on every machine. */
export function ranking({ ids, classes, probabilities, positive }: ScoredImages): Int32Array {
  const score = (row: number) => probabilities[row * classes.length + positive]!;
  const order = Int32Array.from(ids, (_, row) => row);
  return order.sort((a, b) => score(b) - score(a) || (ids[a]! < ids[b]! ? -1 : 1));
}

/**
 * Writes `id, rank, score, p_<class>…`, where they are known `ra, dec`, and of data that leak `leak`, best first, as CSV, TSV, Parquet, VOTable, FITS
 * or DS9 regions by the name's end.
 *
 * @returns what a reader should know, a sentence each
 * @throws ArcletError when the file can't be written, or regions are asked for and no position is known
 */
export async function writeScores(
  path: string,
  images: ScoredImages,
  options: WriteOptions = {},
): Promise<string[]> {
  const { ids, classes, probabilities, positive, positions, leak = false } = images;
  const K = classes.length;
  const columns: CatalogColumn[] = [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    { name: "rank", type: "whole", ucd: "meta.code" },
    { name: "score", type: "number", ucd: "stat.probability" },
    ...classes.map((name): CatalogColumn => ({ name: `p_${name}`, type: "number", ucd: "stat.probability" })),
  ];
  if (positions !== undefined)
    columns.push(
      { name: "ra", type: "number", unit: "deg", ucd: "pos.eq.ra;meta.main" },
      { name: "dec", type: "number", unit: "deg", ucd: "pos.eq.dec;meta.main" },
    );
  if (leak) columns.push({ name: "leak", type: "yes/no", ucd: "meta.code.qual" });
  const rows = Array.from(ranking(images), (row, place) => {
    const p = Array.from(probabilities.subarray(row * K, (row + 1) * K), number);
    const where = positions === undefined ? [] : [positions.ra[row]!, positions.dec[row]!];
    return [ids[row]!, place + 1, p[positive]!, ...p, ...where, ...(leak ? [true] : [])];
  });
  return writeCatalog(path, columns, rows, options);
}

/** A text as a field of a CSV file. */
export const field = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Nine digits tell every float32 from its neighbours. */
const number = (value: number): number => Number(value.toPrecision(9));

/** Reads a table's `id` and `score`. @throws ArcletError for a missing file or column, or a score that is no number */
export async function readScores(path: string): Promise<ScoreTable> {
  const rows = await withSource(path, async (select, names) => {
    const id = idIn(path, names);
    if (!names.includes("score"))
      throw new ArcletError(`${path}: has no column score; its columns are ${names.join(", ")}`);
    const leak = names.includes("leak") ? "leak::BOOLEAN" : "false";
    return select((source) => `SELECT ${id}::VARCHAR, score::DOUBLE, ${leak} FROM ${source}`);
  });
  const bad = rows.findIndex(([, score]) => typeof score !== "number" || !Number.isFinite(score));
  if (bad >= 0) throw new ArcletError(`${path} row ${bad + 1}: score must be a number, got ${rows[bad]![1]}`);
  const ids = rows.map(([id]) => String(id));
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new ArcletError(`${path}: id ${id} occurs twice`);
    seen.add(id);
  }
  const scores = Float64Array.from(rows, ([, score]) => score as number);
  return { ids, scores, leak: rows.some(([, , leak]) => leak === true) };
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
  const yes = `coalesce((${positive}), false)`;
  const no = `coalesce((${negative}), false)`;
  const rows = await withSource(path, (select, names) => {
    const id = `${idIn(path, names)}::VARCHAR`;
    const group = names.includes("group") ? `"group"::VARCHAR` : id;
    return select((source) => `SELECT ${id}, ${yes}, ${no}, ${group} FROM ${source} WHERE ${yes} OR ${no}`);
  });
  const truth = new Map<string, { positive: boolean; group: string }>();
  for (const [id, isPositive, isNegative, of] of rows) {
    if (isPositive && isNegative)
      throw new ArcletError(`${path}: id ${id} meets both (${positive}) and (${negative})`);
    truth.set(String(id), { positive: Boolean(isPositive), group: String(of) });
  }
  return truth;
}

/** The column that names the objects, as an SQL identifier. */
function idIn(path: string, names: readonly string[]): string {
  const id = idColumn(names);
  if (id === undefined) refuse(path, "columns", "with one of ids", names);
  return identifier(id!);
}

type Select = (query: (source: string) => string) => Promise<unknown[][]>;

/** Queries on a table of any format. Ids stay as they are written. */
async function withSource<T>(
  path: string,
  work: (select: Select, names: readonly string[]) => Promise<T>,
): Promise<T> {
  const { table } = await readCatalog(path);
  return withDuckDB(":memory:", path, async (connection) => {
    const columns = table.names.map((name) => ({ name, type: table.typeOf(name) }));
    const values = table.names.map((name) => table.column(name));
    const rows = Array.from({ length: table.count }, (_, row) => values.map((column) => column[row]!));
    await fillTable(connection, "catalogue", columns, rows);
    return work(
      async (query) => (await connection.runAndReadAll(query("catalogue"))).getRowsJS(),
      table.names,
    );
  });
}
