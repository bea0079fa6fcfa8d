/** A table's rows in Parquet files of one row group each, made one after the other in memory. */
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckDB, identifier, literal } from "../catalog/duck.ts";
import { CHUNK_ROWS, duckTypes } from "../catalog/duck-rows.ts";
import type { Value } from "../catalog/table.ts";
import { IN_GROUPS, LARGEST_GROUP } from "./row-groups.ts";
import type { Columns } from "./row-log.ts";

/** A row's values by column, and how much it weighs. */
export interface WeighedRow {
  values: Value[];
  bytes: number;
}

/** Bytes of rows that are handed to DuckDB together. */
const CHUNK_BYTES = LARGEST_GROUP.bytes / 4;

/**
 * @param folder for the files
 * @returns their paths, in the rows' order
 */
export async function writeParts(
  connection: DuckDBConnection,
  columns: Columns,
  rows: Iterable<WeighedRow>,
  folder: string,
): Promise<string[]> {
  const files: string[] = [];
  for (const part of partsOf(rows)) {
    const file = join(folder, `${String(files.length).padStart(6, "0")}.parquet`);
    await writePart(connection, columns, part, file);
    files.push(file);
  }
  return files;
}

/** Runs of rows that make a row group each; a run is taken up before the next one is asked for. */
function* partsOf(rows: Iterable<WeighedRow>): Generator<Iterable<WeighedRow>, void> {
  const all = rows[Symbol.iterator]();
  let next = all.next();
  function* part(): Generator<WeighedRow, void> {
    for (let [count, bytes] = [0, 0]; !next.done; next = all.next()) {
      bytes += next.value.bytes;
      if (count++ === LARGEST_GROUP.rows || (count > 1 && bytes > LARGEST_GROUP.bytes)) return;
      yield next.value;
    }
  }
  try {
    while (!next.done) yield part();
  } finally {
    all.return?.();
  }
}

async function writePart(
  connection: DuckDBConnection,
  columns: Columns,
  rows: Iterable<WeighedRow>,
  file: string,
): Promise<void> {
  const known = duckTypes();
  const declared = columns.map(([name, type]) => `${identifier(name)} ${known[type]}`);
  await connection.run(`CREATE TABLE part (${declared.join(", ")})`);
  const appender = await connection.createAppender("part");
  const types = columns.map(([, type]) => known[type]);
  let pending: Value[][] = columns.map(() => []);
  let bytes = 0;
  const flush = async () => {
    const count = pending[0]!.length;
    if (count === 0) return;
    const chunk = duckDB().DuckDBDataChunk.create(types, count);
    chunk.setColumns(pending);
    appender.appendDataChunk(chunk);
    [pending, bytes] = [columns.map(() => []), 0];
    // The memory of finished chunks is freed only between turns of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  for (const row of rows) {
    for (const [i, value] of row.values.entries()) pending[i]!.push(value);
    bytes += row.bytes;
    if (pending[0]!.length === CHUNK_ROWS || bytes > CHUNK_BYTES) await flush();
  }
  await flush();
  appender.closeSync();
  await connection.run(`COPY part TO ${literal(file)} (${IN_GROUPS.format})`);
  await connection.run("DROP TABLE part");
}
