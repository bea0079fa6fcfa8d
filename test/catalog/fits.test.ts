import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { rolesOf } from "../../src/catalog/roles.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { scratch } from "../tiny/dataset.ts";
import { fixture, ROWS } from "./astropy.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);

test("astropy's table is read, nulls included, gzipped or not", async () => {
  writeFileSync(at("table.fits.gz"), gzipSync(readFileSync(fixture("table.fits"))));
  for (const path of [fixture("table.fits"), at("table.fits.gz")]) {
    const { table, units, notes } = await readCatalog(path);
    for (const [name, values] of Object.entries(ROWS)) expect(table.column(name)).toEqual(values);
    expect(units.get("mag")).toBe("mag");
    expect(notes).toEqual([`${path}: columns of arrays or complex numbers are left out: aper`]);
  }
});

test("a SExtractor-like table: hours become degrees, notes mention further tables", async () => {
  const path = fixture("sextractor.fits");
  const catalog = await readCatalog(path);
  expect(rolesOf(catalog)).toMatchObject({ id: "NUMBER", ra: "ALPHA_J2000", dec: "DELTA_J2000" });
  expect(objectsOf(catalog)).toMatchObject({
    ids: ["1", "2", "3"],
    ra: Float64Array.of(15, 30, 352.5),
    dec: Float64Array.of(1.5, -2.25, 3),
    notes: [
      `${path}: columns guessed: id is NUMBER, ra is ALPHA_J2000, dec is DELTA_J2000`,
      "ALPHA_J2000 is in hours",
    ],
  });
  expect(catalog.notes[1]).toBe(`${path}: holds 2 tables, of which HDU 2 is read`);
  const other = await readCatalog(path, { hdu: "REDSHIFTS" });
  expect(other.table.column("z")).toEqual([0.5, 0.75]);
  expect(other.notes).toEqual([]);
});

const COLUMNS = [
  { name: "id", type: "text" },
  { name: "ra", type: "number", unit: "deg" },
  { name: "n", type: "whole" },
  { name: "ok", type: "yes/no" },
] as const;
const WRITTEN = [
  ["a", 1 / 3, 2n ** 62n, true],
  ["bcd e", null, null, false],
  ["f", -1e300, -5n, null],
];

const astropy = spawnSync("/usr/bin/python3", ["-c", "import astropy"]).status === 0;
test.skipIf(!astropy)("astropy reads what is written", async () => {
  await writeCatalog(at("ours.fits"), COLUMNS, WRITTEN);
  const script = `
import sys, warnings
import numpy as np
warnings.simplefilter("error")
from astropy.io import fits
from astropy.table import Table
with fits.open(sys.argv[1]) as file:
    file.verify("exception")
    formats = [c.format for c in file[1].columns]
t = Table.read(sys.argv[1])
for row in t: print(*["" if np.ma.is_masked(v) else str(v).strip() for v in row], sep="|")
print(t["ra"].unit, formats)
`;
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", script, at("ours.fits")], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual([
    "a|0.3333333333333333|4611686018427387904|True",
    "bcd e|||False",
    "f|-1e+300|-5|False", // astropy has no unknown yes/no
    "deg ['5A', '1D', '1K', '1L']",
  ]);
});
