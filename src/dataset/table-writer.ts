/**
 * Writing a dataset's table: from the log of its rows to Parquet, in memory that grows neither with their number nor with
 * what one weighs. They are written in parts of limited bytes, which are then joined.
 */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { identifier, literal, withDuckDB } from "../catalog/duck.ts";
import type { Value } from "../catalog/table.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { IMAGE_HASH } from "./hash.ts";
import { IN_GROUPS } from "./row-groups.ts";
import { type Columns, loggedRows } from "./row-log.ts";
import { type WeighedRow, writeParts } from "./table-parts.ts";

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
  const [parts, spilled] = [`${path}.parts`, `${path}.tmp`];
  const clear = () => {
    for (const made of [parts, spilled]) rmSync(made, { recursive: true, force: true });
  };
  clear(); // what a killed program may have left
  try {
    guarded(folder, () => mkdirSync(parts));
    await withDuckDB(":memory:", folder, async (connection) => {
      await connection.run(
        `SET memory_limit = '${MEMORY}'; SET temp_directory = ${literal(spilled)}; ${IN_GROUPS.setting}`,
      );
      const files = await writeParts(connection, columns, finalRows(log, columns, change), parts);
      const rows = `read_parquet([${files.map(literal).join(", ")}])`;
      await refuseContradictions(connection, folder, rows);
      if (files.length === 1) guarded(path, () => renameSync(files[0]!, path));
      else await connection.run(`COPY (SELECT * FROM ${rows}) TO ${literal(path)} (${IN_GROUPS.format})`);
    });
  } finally {
    clear();
  }
}

function* finalRows(log: string, columns: Columns, change: Change): Generator<WeighedRow, void> {
  let [index, before] = [0, 0];
  for (const { value, end } of loggedRows(log, columns)) {
    const values = change(index++, value);
    if (values !== null) yield { values, bytes: end - before };
    before = end;
  }
}

async function refuseContradictions(
  connection: DuckDBConnection,
  folder: string,
  rows: string,
): Promise<void> {
  const first = async (query: string) => (await connection.runAndReadAll(`${query} LIMIT 1`)).getRowsJS()[0];
  const twice = await first(`SELECT id FROM ${rows} GROUP BY id HAVING count(*) > 1 ORDER BY id`);
  if (twice)
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `not written, id ${twice[0]} occurs twice`,
    });
  for (const column of ["group", IMAGE_HASH]) {
    const name = identifier(column);
    const inTwo = await first(
      `SELECT ${name} FROM ${rows} GROUP BY ${name} HAVING min(split) <> max(split) ORDER BY ${name}`,
    );
    if (!inTwo) continue;
    const [ids] = (
      await connection.runAndReadAll(
        `SELECT min_by(id, split), max_by(id, split) FROM ${rows} WHERE ${name} = ${literal(String(inTwo[0]))}`,
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
