/** Numbers that stand for no position set their rows aside. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
let serial = 0;
async function read(rows: readonly string[]) {
  const path = join(folder, `${++serial}.csv`);
  writeFileSync(path, `id,ra,dec\n${rows.map((row, k) => `o${k},${row}\n`).join("")}`);
  return objectsOf(await readCatalog(path));
}
const GOOD = ["150,2", "151,-2", "359.5,0", "0,45", "10,20"];

test.for<[string, string]>([
  ["-999,-999", "ra is -999, beyond the sphere"],
  ["-99,-99", "dec is -99, beyond the sphere"],
  ["99,99", "dec is 99, beyond the sphere"],
  ["999,12", "ra is 999, beyond the sphere"],
  ["1e30,12", "ra is 1e+30, beyond the sphere"],
  ["-99,12", "ra is -99, which stands for none"],
  ["-1,-1", "ra is -1, which stands for none"],
  ["0,0", "ra and dec are both 0"],
  ["0.0,-0.0", "ra and dec are both 0"],
])("%s: %s", async ([cells, why]) => {
  const { ra, dec, flaws, notes } = await read([...GOOD, cells]);
  expect([...ra.slice(0, 5)]).toEqual([150, 151, 359.5, 0, 10]);
  expect([ra[5], dec[5]]).toEqual([NaN, NaN]);
  expect([...flaws]).toEqual([[5, why]]);
  expect(notes).toEqual([`row 6 of 6 have no position: ${why}`]);
});

test.for(["nan,nan", ",", "inf,5", "N/A,N/A", "null,--"])("%s is a row without a position", async (cells) => {
  const { ra, dec, flaws } = await read([...GOOD, cells]);
  expect([ra[5]! + dec[5]!, flaws.size]).toEqual([NaN, 0]);
});

test("negative longitudes are positions where there are others", async () => {
  const { ra, flaws } = await read(["-99,12", "-120.5,3", "20,4"]);
  expect([...ra]).toEqual([261, 239.5, 20]);
  expect(flaws.size).toBe(0);
});

test("a table of other numbers than angles is refused", async () => {
  await expect(read(["5400,2", "7200,3", "100,4"])).rejects.toThrow(
    /row 1: ra must be an angle from -180 to 360 degrees, got 5400/,
  );
});
