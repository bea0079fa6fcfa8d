/** Writing a dataset's table: from the log of its rows into a database on disk, and from there to Parquet. */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckDB, identifier, literal, withDuckDB } from "../catalog/duck.ts";
import { CHUNK_ROWS, duckTypes, stored } from "../catalog/duck-rows.ts";
import type { Value } from "../catalog/table.ts";
import { ArcletError } from "../foundation/errors.ts";
import { IMAGE_HASH } from "./hash.ts";
import { type Columns, loggedRows } from "./row-log.ts";

/** Chunks held in memory before they are written to disk. */
const CHUNKS_AT_ONCE = 16;
/** Rows of a Parquet row group, which is written in one piece: fewer than DuckDB's default, for less memory. */
const GROUP_ROWS = CHUNKS_AT_ONCE * CHUNK_ROWS;
const MEMORY = "256MB";

/** A row's final values by column, from its index in the log and its values there; null leaves it out. */
export type Change = (index: number, values: Value[]) => Value[] | null;

/**
 * Checks all rows of a log and writes the table. The same rows give the same bytes.
 *
 * @param log a `RowLog`'s file
 * @param path the Parquet file
 * @param folder the dataset's, for messages

 * @throws ArcletError when an id occurs twice, or a group or an image is in two splits
 */
export async function writeTable(
  log: string,
  columns: Columns,
  path: string,
  folder: string,
  change: Change = (_, values) => values,
): Promise<void> {
  const database = `${path}.duckdb`;
  const files = [database, `${database}.wal`, `${database}.tmp`];
  const clear = () => {
    for (const file of files) rmSync(file, { recursive: true, force: true });
  };
  clear(); // what a killed program may have left
  try {
    await withDuckDB(database, folder, async (connection) => {
      await connection.run(`SET memory_limit = '${MEMORY}'; SET threads = 1`);
      await load(connection, log, columns, change);
      await refuseContradictions(connection, folder);
      const named = columns.map(([name, type]) => ({ name, type }));
      const rows = await stored(connection, "rows", named);
      await connection.run(
        `COPY ${rows} TO ${literal(resolve(path))} (FORMAT parquet, ROW_GROUP_SIZE ${GROUP_ROWS})`,
      );
    });
  } finally {
    clear();
  }
}

async function load(
  connection: DuckDBConnection,
  log: string,
  columns: Columns,
  change: Change,
): Promise<void> {
  const known = duckTypes();
  const declared = columns.map(([name, type]) => `${identifier(name)} ${known[type]}`);
  await connection.run(`CREATE TABLE rows (${declared.join(", ")})`);
  const appender = await connection.createAppender("rows");
  const types = columns.map(([, type]) => known[type]);
  let pending: Value[][] = columns.map(() => []);
  let chunks = 0;
  const flush = async () => {
    const rows = pending[0]!.length;
    if (rows === 0) return;
    const chunk = duckDB().DuckDBDataChunk.create(types, rows);
    chunk.setColumns(pending);
    appender.appendDataChunk(chunk);
    pending = columns.map(() => []);
    if (++chunks % CHUNKS_AT_ONCE === 0) appender.flushSync();
    // The memory of finished chunks is freed only between turns of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  let index = 0;
  for (const { value: values } of loggedRows(log, columns)) {
    const changed = change(index++, values);
    if (changed === null) continue;
    for (const [i, value] of changed.entries()) pending[i]!.push(value);
    if (pending[0]!.length === CHUNK_ROWS) await flush();
  }
  await flush();
  appender.closeSync();
}

async function refuseContradictions(connection: DuckDBConnection, folder: string): Promise<void> {
  const first = async (query: string) => (await connection.runAndReadAll(`${query} LIMIT 1`)).getRowsJS()[0];
  const twice = await first("SELECT id FROM rows GROUP BY id HAVING count(*) > 1 ORDER BY id");
  if (twice)
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `not written, id ${twice[0]} occurs twice`,
    });
  for (const column of ["group", IMAGE_HASH]) {
    const name = identifier(column);
    const inTwo = await first(
      `SELECT ${name} FROM rows GROUP BY ${name} HAVING min(split) <> max(split) ORDER BY ${name}`,
    );
    if (!inTwo) continue;
    const [ids] = (
      await connection.runAndReadAll(
        `SELECT min_by(id, split), max_by(id, split) FROM rows WHERE ${name} = ${literal(String(inTwo[0]))}`,
      )
    ).getRowsJS();
    const what = column === "group" ? `group ${inTwo[0]}` : "the same image";
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `not written, ${what} is in two splits (ids ${ids![0]} and ${ids![1]})`,
    });
  }
}
