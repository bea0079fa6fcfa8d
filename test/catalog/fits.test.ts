import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { objectsOf, positionsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { rolesOf } from "../../src/catalog/roles.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { header } from "../sky/raw-fits.ts";
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

/** An ASCII table as the standard has it, by hand: `rows` of 45 characters. */
function asciiTable(rows: readonly string[]): Buffer {
  const columns = [
    ["ID", "I6", 1],
    ["RA", "D16.8", 7],
    ["DEC", "F10.4", 23],
    ["NAME", "A12", 33],
  ] as const;
  const cards = [
    "XTENSION= 'TABLE   '",
    "BITPIX  = 8",
    "NAXIS   = 2",
    "NAXIS1  = 45",
    `NAXIS2  = ${rows.length}`,
  ];
  cards.push("PCOUNT  = 0", "GCOUNT  = 1", `TFIELDS = ${columns.length}`);
  for (const [k, [name, form, first]] of columns.entries())
    cards.push(`TTYPE${k + 1}  = '${name}'`, `TFORM${k + 1}  = '${form}'`, `TBCOL${k + 1}  = ${first}`);
  cards.push("TNULL1  = '-99'", "TUNIT2  = 'deg'", "TSCAL3  = 2.0", "TZERO3  = 1.0", "EXTNAME = 'CAT'");
  const data = Buffer.alloc(2880, 32);
  data.write(rows.map((row) => row.padEnd(45)).join(""), "latin1");
  const primary = header(["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"]);
  return Buffer.concat([primary, header(cards), data]);
}

test("an ASCII table: exponents with D, implied points, nulls, scales, 20 digits", async () => {
  const row = (id: string, ra: string, dec: string, name: string) =>
    `${id.padStart(6)}${ra.padStart(16)}${dec.padStart(10)}${name}`;
  const first = row("17", "1.50000000D+02", "1.5", "abc");
  const second = row("-99", "", "15000", "d e");
  writeFileSync(at("ascii.fits"), asciiTable([first, second]));
  const { table, units } = await readCatalog(at("ascii.fits"));
  expect(table.names).toEqual(["ID", "RA", "DEC", "NAME"]);
  expect(table.column("ID")).toEqual([17, null]);
  expect(table.column("RA")).toEqual([150, null]);
  expect(table.column("DEC")).toEqual([4, 4]); // 2 × 1.5 + 1, and 15000 of four implied decimals
  expect(table.column("NAME")).toEqual(["abc", "d e"]);
  expect(units.get("RA")).toBe("deg");
  writeFileSync(at("bad.fits"), asciiTable(["    1x"]));
  await expect(readCatalog(at("bad.fits"))).rejects.toThrow(
    /bad\.fits HDU 1 row 1: ID holds 1x, not a number/,
  );
});

test("a table that lies outside its rows is refused", async () => {
  const bytes = asciiTable(["     1"]);
  const text = bytes.toString("latin1").replace("TBCOL4  = 33", "TBCOL4  = 39");
  writeFileSync(at("wide.fits"), Buffer.from(text, "latin1"));
  await expect(readCatalog(at("wide.fits"))).rejects.toThrow(
    /wide\.fits HDU 1: [^\n]*[Cc]olumn 4 is too wide to fit in table/,
  );
});

/** A binary table of doubles. */
function doubles(
  name: string,
  columns: readonly string[],
  rows: readonly number[][],
  more: string[] = [],
): Buffer {
  const cards = ["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", `NAXIS1  = ${8 * columns.length}`];
  cards.push(`NAXIS2  = ${rows.length}`, "PCOUNT  = 0", "GCOUNT  = 1", `TFIELDS = ${columns.length}`);
  for (const [k, column] of columns.entries())
    cards.push(`TTYPE${k + 1}  = '${column}'`, `TFORM${k + 1}  = 'D'`);
  const data = Buffer.alloc(2880);
  for (const [k, value] of rows.flat().entries()) data.writeDoubleBE(value, 8 * k);
  return Buffer.concat([header([...cards, `EXTNAME = '${name}'`, ...more]), data]);
}
const primary = header(["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"]);

test("of several tables the first with positions is read; one that is named twice is chosen by EXTVER or number", async () => {
  const tables = [
    doubles("LDAC_IMHEAD", ["header"], [[1]]),
    doubles("LDAC_OBJECTS", ["ALPHA_J2000", "DELTA_J2000"], [[150, 2]]),
    doubles("LDAC_OBJECTS", ["ALPHA_J2000", "DELTA_J2000"], [[151, 3]], ["EXTVER  = 2"]),
  ];
  writeFileSync(at("ldac.fits"), Buffer.concat([primary, ...tables]));
  const { table, notes } = await readCatalog(at("ldac.fits"));
  expect(table.column("ALPHA_J2000")).toEqual([150]);
  expect(notes).toEqual([`${at("ldac.fits")}: holds 3 tables, of which HDU 2 is read`]);
  await expect(readCatalog(at("ldac.fits"), { hdu: "LDAC_OBJECTS" })).rejects.toThrow(
    /has several HDUs LDAC_OBJECTS: numbers 2, 3; give a number, or the name with its EXTVER, like SCI,2/,
  );
  for (const hdu of ["LDAC_OBJECTS,2", "LDAC_OBJECTS:2", 3])
    expect((await readCatalog(at("ldac.fits"), { hdu })).table.column("DELTA_J2000")).toEqual([3]);
});

test("a table's RADESYS and EQUINOX hold for its positions, and what is infinite is empty", async () => {
  const cards = ["RADESYS = 'FK4'", "EQUINOX = 1950.0"];
  const rows = [
    [150, 2],
    [Infinity, 2],
  ];
  writeFileSync(at("fk4.fits"), Buffer.concat([primary, doubles("CAT", ["ra", "dec"], rows, cards)]));
  const catalog = await readCatalog(at("fk4.fits"));
  expect(catalog.table.column("ra")).toEqual([150, null]);
  const { ra, dec } = positionsOf(catalog, { ra: "ra", dec: "dec" });
  expect(ra[0]).toBeCloseTo(150.645122559, 8); // astropy
  expect([ra[1], dec[1]]).toEqual([NaN, NaN]);
});
