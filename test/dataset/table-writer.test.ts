/** Tables whose rows weigh much: row groups of limited bytes, in the rows' order. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { writeDataset } from "../../src/dataset/writer.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();
const MIB = 2 ** 20;

const textOf = (i: number, length: number) => `${i * 7919} `.repeat(length).slice(0, length);

async function write(name: string, weights: readonly number[]): Promise<string> {
  const path = join(folder, name);
  await writeDataset(path, { ...SPEC, columns: { scene: "text" } }, async (writer) => {
    for (const [i, weight] of weights.entries())
      writer.append(fluxImage(i), [row(i, { scene: textOf(i, weight) })]);
  });
  expect(readdirSync(path).sort()).toEqual(["dataset.json", "images-00000.npy", "table.parquet"]);
  return join(path, "table.parquet");
}

async function query(sql: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJS();
  } finally {
    connection.closeSync();
  }
}

test("rows of 100 kB and of a few bytes: no row group is above 17 MiB, and rows keep their order", async () => {
  // 35 MB in all, most of it in the first quarter of the rows
  const weights = Array.from({ length: 1200 }, (_, i) => (i < 300 ? 110_000 : 2000));
  const table = await write("heavy", weights);
  const groups = await query(
    `SELECT row_group_id, any_value(row_group_num_rows), sum(total_uncompressed_size)
       FROM parquet_metadata('${table}') GROUP BY 1 ORDER BY 1`,
  );
  expect(groups.length).toBeGreaterThanOrEqual(3);
  for (const [, , bytes] of groups) expect(Number(bytes)).toBeLessThan(17 * MIB);
  expect(groups.reduce((sum, [, rows]) => sum + Number(rows), 0)).toBe(1200);
  const rows = await query(`SELECT id, scene FROM read_parquet('${table}')`);
  expect(rows.map(([id]) => id)).toEqual(weights.map((_, i) => `toy-${i}`));
  for (const i of [0, 299, 300, 1199]) expect(rows[i]![1]).toBe(textOf(i, weights[i]!));
});

test("light rows are in one group, as they always were", async () => {
  const table = await write(
    "light",
    Array.from({ length: 3000 }, () => 100),
  );
  expect(
    await query(`SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${table}')`),
  ).toEqual([[0n, 3000n]]);
});
