/**
 * Features that another program made of a dataset's objects, such as the embeddings of a foundation model: a table with an id
 * and a vector a row, as one column of lists (Parquet) or as many columns of numbers (any format).
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { DuckDBConnection, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import { identifier, inOneLine, openDuckDB, parquetSource, queried, withDuckDB } from "../../catalog/duck.ts";
import { formatOf } from "../../catalog/format.ts";
import { idText } from "../../catalog/id-text.ts";
import { readCatalog } from "../../catalog/read.ts";
import { idColumn, positionColumns } from "../../catalog/roles.ts";
import { noColumn } from "../../catalog/table.ts";
import { fileHash } from "../../dataset/hash.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";

export interface FeatureTable {
  /** As messages and columns call it: the file's name, with the column if it was given. */
  name: string;
  path: string;
  sha256: string;
  /** Row of each id. */
  rowOf: ReadonlyMap<string, number>;
  /** Numbers of a vector. */
  width: number;
  /** Row-major (N, `width`). */
  values: Float32Array;
  /** What was taken for features, if that was not said. */
  notes: readonly string[];
}

/** The most bytes that vectors take in memory. */
const MOST_BYTES = 2 ** 32;

/**
 * @param text `FILE`, `FILE:COLUMN`, or `FILE:PREFIX*` with `*` for anything in the names of many columns
 * @throws ArcletError naming file and row for: no id or one that occurs twice, no such column, several that may be meant,
 *   vectors of different lengths, and a number that is empty, NaN or infinite
 */
export async function readFeatures(text: string): Promise<FeatureTable> {
  const colon = existsSync(text) ? -1 : text.lastIndexOf(":");
  const path = colon <= 0 ? text : text.slice(0, colon);
  const column = colon <= 0 ? null : text.slice(colon + 1);
  const stem = basename(path).replace(/(\.[A-Za-z]+)?(\.gz)?$/, "");
  const name = column === null ? stem : `${stem}:${column}`;
  const { format, gzipped } = formatOf(path);
  const rows =
    format === "parquet" && !gzipped ? await fromParquet(path, column) : await fromTable(path, column);
  return { name, path, sha256: fileHash(path), ...rows };
}

/**
 * The vectors of ids.
 *
 * @returns row-major, and the indices of the ids that the table has
 */
export function vectorsOf(
  { rowOf, width, values }: FeatureTable,
  ids: readonly string[],
): { values: Float32Array; found: Int32Array } {
  const found = Int32Array.from([...ids.keys()].filter((k) => rowOf.has(ids[k]!)));
  const picked = new Float32Array(found.length * width);
  for (const [i, k] of found.entries()) {
    const from = rowOf.get(ids[k]!)! * width;
    picked.set(values.subarray(from, from + width), i * width);
  }
  return { values: picked, found };
}

type Rows = Pick<FeatureTable, "rowOf" | "width" | "values" | "notes">;

/** Vectors as they come, checked. */
class Vectors {
  readonly rowOf = new Map<string, number>();
  width = 0;
  values = new Float32Array(0);
  readonly #path: string;
  readonly #what: string;

  constructor(path: string, what: string) {
    this.#path = path;
    this.#what = what;
  }

  add(id: string, vector: ArrayLike<number> | null): void {
    const row = this.rowOf.size;
    const at = { where: this.#path, row: row + 1 };
    if (id === "") refuse(at, "id", "given", undefined);
    const before = this.rowOf.get(id);
    if (before !== undefined) refuse(at, "id", `another than in row ${before + 1}`, id);
    if (vector === null) refuse(at, this.#what, "a list of numbers without an empty one", undefined);
    if (row === 0) this.width = vector.length;
    if (vector.length !== this.width || this.width === 0)
      refuse(at, this.#what, `${this.width || "one or more"} numbers, as in the first row`, vector.length);
    const start = row * this.width;
    this.#reserve(start + this.width);
    for (let k = 0; k < this.width; k++) {
      if (!Number.isFinite(vector[k]!))
        refuse(at, this.#what, `finite in all numbers (see the ${k + 1}th)`, vector[k]);
      this.values[start + k] = vector[k]!;
    }
    this.rowOf.set(id, row);
  }

  done(notes: readonly string[]): Rows {
    if (this.rowOf.size === 0)
      throw new ArcletError({ where: this.#path, code: "empty", problem: "has no row" });
    const values = this.values.slice(0, this.rowOf.size * this.width);
    return { rowOf: this.rowOf, width: this.width, values, notes };
  }

  #reserve(length: number): void {
    if (length <= this.values.length) return;
    if (4 * length > MOST_BYTES)
      throw new ArcletError({
        where: this.#path,
        code: "too-large",
        problem: `its vectors take more than ${MOST_BYTES / 2 ** 30} GiB`,
        fix: "keep the rows of your dataset",
      });
    const more = new Float32Array(Math.max(length, 2 * this.values.length, 1024 * this.width));
    more.set(this.values);
    this.values = more;
  }
}

/** A column's type in DuckDB, of numbers or of lists of them. */
const NUMBER = /^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/;
const LIST = /^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)\[\d*\]$/;

async function fromParquet(path: string, column: string | null): Promise<Rows> {
  const { sql, id, what, notes } = await withDuckDB(":memory:", path, (connection) =>
    chosen(connection, path, column),
  );
  const vectors = new Vectors(path, what);
  const { connection, close } = await openDuckDB(":memory:", path);
  try {
    await inOneLine(path, async () => {
      const query = `SELECT ${identifier(id)}, v, list_count(v) = len(v) FROM (SELECT ${identifier(id)}, ${sql} AS v FROM ${parquetSource(path)})`;
      const result = await connection.stream(query);
      const isSingle = String(result.columnType(0)) === "FLOAT";
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        const [ids, lists, whole] = [0, 1, 2].map((k) => chunk.getColumnVector(k)) as [
          DuckDBVector,
          DuckDBListVector,
          DuckDBVector,
        ];
        for (let k = 0; k < chunk.rowCount; k++) {
          const at = { where: path, row: vectors.rowOf.size + 1 };
          const name = idText(ids.getItem(k) as string | number | bigint | null, at, id, isSingle);
          const items = lists.getItemVector(k) as (DuckDBVector & { items: Float32Array }) | null;
          vectors.add(name, whole.getItem(k) === true ? (items?.items ?? null) : null);
        }
      }
    });
  } finally {
    close();
  }
  return vectors.done(notes);
}

interface Chosen {
  /** A list of numbers, in SQL. */
  sql: string;
  /** The column of ids. */
  id: string;
  /** What errors call the vector. */
  what: string;
  notes: string[];
}

async function chosen(connection: DuckDBConnection, path: string, column: string | null): Promise<Chosen> {
  const described = (await queried(connection, `DESCRIBE SELECT * FROM ${parquetSource(path)}`)) as [
    string,
    string,
  ][];
  const names = described.map(([name]) => name);
  const id = idIn(path, names);
  const lists = described.filter(([, type]) => LIST.test(type)).map(([name]) => name);
  const listed = (name: string): Chosen => ({
    sql: `${identifier(name)}::FLOAT[]`,
    id,
    what: name,
    notes: [],
  });
  if (column !== null && lists.includes(column)) return listed(column);
  if (column === null && lists.length === 1) return listed(lists[0]!);
  if (column === null && lists.length > 1)
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `has ${lists.length} columns of lists: ${lists.join(", ")}`,
      fix: `name one: ${path}:${lists[0]}`,
    });
  const numbers = described.filter(([, type]) => NUMBER.test(type)).map(([name]) => name);
  const many = manyOf(path, names, numbers, column);
  const sql = `list_value(${many.names.map((name) => `${identifier(name)}::FLOAT`).join(", ")})`;
  return { sql, id, what: many.what, notes: many.notes };
}

async function fromTable(path: string, column: string | null): Promise<Rows> {
  const { table } = await readCatalog(path);
  const id = idIn(path, table.names);
  const numbers = table.names.filter((name) => ["number", "whole"].includes(table.typeOf(name)));
  const { names, what, notes } = manyOf(path, table.names, numbers, column);
  const columns = names.map((name) => table.column(name));
  const ids = table.column(id);
  const vectors = new Vectors(path, what);
  for (let row = 0; row < table.count; row++) {
    const own = idText(ids[row], { where: path, row: row + 1 }, id, table.isSingle(id));
    // An empty number is as none.
    vectors.add(
      own,
      columns.map((values) => (values[row] === null ? Number.NaN : Number(values[row]))),
    );
  }
  return vectors.done(notes);
}

function idIn(path: string, names: readonly string[]): string {
  return idColumn(names) ?? refuse(path, "columns", "a list with an id column", names);
}

/** Many columns of numbers: those of a pattern, or all but ids and positions. */
function manyOf(path: string, all: readonly string[], numbers: readonly string[], column: string | null) {
  if (column !== null) {
    const parts = column.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    const names = numbers.filter((name) => pattern.test(name));
    if (names.length > 0) return { names, what: column, notes: [] };
    if (all.includes(column)) refuse(path, column, "a column of numbers or of lists of them", "another kind");
    if (column.includes("*")) throw unknown(path, "columns", column, numbers);
    throw noColumn(path, column, all);
  }
  const others = new Set([idColumn(all), ...positionColumns(all)]);
  const names = numbers.filter((name) => !others.has(name));
  if (names.length === 0)
    throw new ArcletError({
      where: path,
      code: "empty",
      problem: "has no column of numbers besides ids and positions",
    });
  const ends = names.length > 1 ? `${names[0]} to ${names.at(-1)}` : names[0]!;
  const left = all.filter((name) => others.has(name));
  return {
    names,
    what: ends,
    notes: [`${path}: ${names.length} columns of numbers are features, ${ends}; not ${left.join(", ")}`],
  };
}
