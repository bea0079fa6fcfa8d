/** Features of other programs: lists or many columns, by id, and what is refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { literal, withDuckDB } from "../../../src/catalog/duck.ts";
import { readFeatures, vectorsOf } from "../../../src/evaluate/features/feature-table.ts";
import { scratch } from "../../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const parquet = async (name: string, query: string) => {
  await withDuckDB(":memory:", name, (connection) =>
    connection.run(`COPY (${query}) TO ${literal(at(name))} (FORMAT parquet)`),
  );
  return at(name);
};
const refusal = (text: string) =>
  readFeatures(text).then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );

test("a column of lists is found, or named; ids are texts, and vectors come in the order that is asked for", async () => {
  const path = await parquet(
    "aion.parquet",
    "SELECT 100 + n AS object_id, [n, n + 0.5, -n]::DOUBLE[] AS z FROM range(5000) t(n)",
  );
  const table = await readFeatures(path);
  expect([table.name, table.width, table.rowOf.size, table.notes]).toEqual(["aion", 3, 5000, []]);
  const { values, found } = vectorsOf(table, ["5099", "nobody", "101"]);
  expect([...found]).toEqual([0, 2]);
  expect([...values]).toEqual([4999, 4999.5, -4999, 1, 1.5, -1]);
  const two = await parquet("two.parquet", "SELECT 'a' AS id, [1.0, 2] AS image, [3::FLOAT] AS spectrum");
  expect(await refusal(two)).toMatch(
    /has 2 columns of lists: image, spectrum; name one: .*two\.parquet:image/,
  );
  const spectrum = await readFeatures(`${two}:spectrum`);
  expect([spectrum.name, [...spectrum.values]]).toEqual(["two:spectrum", [3]]);
});

test("many columns are those of a pattern, or all numbers but ids and positions, which is said", async () => {
  const csv = at("many.csv");
  writeFileSync(csv, "id,ra,dec,z_0,z_1,z_10,mag,name\n7,1.5,2.5,1,2,3,20.5,x\n8,1.5,2.5,4,5,6,21,y\n");
  const all = await readFeatures(csv);
  expect([...all.values]).toEqual([1, 2, 3, 20.5, 4, 5, 6, 21]);
  expect(all.notes).toEqual([`${csv}: 4 columns of numbers are features, z_0 to mag; not id, ra, dec`]);
  const some = await readFeatures(`${csv}:z_*`);
  expect([some.name, some.width, [...some.rowOf.keys()]]).toEqual(["many:z_*", 3, ["7", "8"]]);
  const path = await parquet(
    "many.parquet",
    "SELECT 'g' || n AS id, n AS f0, n * 2.5 AS f1 FROM range(3) t(n)",
  );
  expect([...(await readFeatures(path)).values]).toEqual([0, 0, 1, 2.5, 2, 5]);
});

test("a file's wrong rows and columns are refused by row", async () => {
  const of = async (rows: string) =>
    refusal(await parquet("bad.parquet", `SELECT * FROM (VALUES ${rows}) t(id, z)`));
  expect(await of("('a', [1.0, 2]), ('b', [1.0])")).toMatch(
    /bad\.parquet row 2: z must be 2 numbers, as in the first row, got 1/,
  );
  expect(await of("('a', [1.0, 2]), ('a', [1.0, 3])")).toMatch(
    /row 2: id must be another than in row 1, got "a"/,
  );
  expect(await of("('a', [1.0, 2]), (NULL, [1.0, 3])")).toMatch(/row 2: id /);
  expect(await of("('a', [1.0, 2]), ('b', [1.0, NULL])")).toMatch(
    /row 2: z must be a list of numbers without an empty one/,
  );
  expect(await of("('a', ['nan'::FLOAT, 2])")).toMatch(
    /row 1: z must be finite in all numbers \(see the 1th\)/,
  );
  expect(await of("('a', 'text')")).toMatch(/has no column of numbers besides ids and positions/);
  const path = await parquet("few.parquet", "SELECT 'a' AS id, [1.0] AS z, 'x' AS t");
  expect(await refusal(`${path}:y`)).toMatch(/few\.parquet: has no column y/);
  expect(await refusal(`${path}:t`)).toMatch(/t must be a column of numbers or of lists of them/);
  expect(await refusal(at("gone.parquet"))).toMatch(/gone\.parquet: no such file/);
  writeFileSync(at("no-id.csv"), "x,y\n1,2\n");
  expect(await refusal(at("no-id.csv"))).toMatch(/columns must be a list with an id column/);
  writeFileSync(at("hole.csv"), "id,x\na,1\nb,\n");
  expect(await refusal(at("hole.csv"))).toMatch(/hole\.csv row 2: x must be finite/);
});
