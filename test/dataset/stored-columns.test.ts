import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withDuckDB } from "../../src/catalog/duck.ts";
import { readStored, UNLABELLED_COLUMNS } from "../../src/dataset/stored-columns.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-stored-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The table that SQL makes, as it is read. */
async function read(name: string, sql: string, columns: readonly string[] | null, which?: string) {
  const path = join(folder, `${name}.parquet`);
  return withDuckDB(":memory:", path, async (connection) => {
    await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
    return readStored(connection, path, columns, which);
  });
}

const ROWS =
  "SELECT 0 AS row, 'lens' AS label, 'a' AS id, 1.5 AS theta_e, 10.0 AS ra UNION ALL SELECT 1, 'none', 'b', 0, 20";

test("of a target's table only what may be known is read, in the table's order", async () => {
  const table = await read("target", ROWS, UNLABELLED_COLUMNS);
  expect(table.names).toEqual(["row", "id", "ra"]);
  expect(table.column("ra")).toEqual([10, 20]);
});

test("all columns are read of another table, and of rows only those that are asked for", async () => {
  const table = await read("source", ROWS, null, "WHERE id = 'b'");
  expect(table.names).toEqual(["row", "label", "id", "theta_e", "ra"]);
  expect(table.texts("id")).toEqual(["b"]);
});

test("a table without any of the columns says what it lacks", async () => {
  const table = await read("strange", "SELECT 1 AS x", UNLABELLED_COLUMNS);
  expect(() => table.texts("id")).toThrow(/strange\.parquet: .*column id/);
});
