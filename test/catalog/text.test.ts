import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sexagesimal } from "../../src/catalog/angles.ts";
import { objectsOf } from "../../src/catalog/objects.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { type RequestedRoles, rolesOf } from "../../src/catalog/roles.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const reading = async (name: string, text: string | Uint8Array, requested?: RequestedRoles) => {
  writeFileSync(at(name), text);
  const catalog = await readCatalog(at(name));
  return { catalog, table: catalog.table, objects: () => objectsOf(catalog, requested) };
};

const COLUMNS = [
  { name: "id", type: "text" },
  { name: "n", type: "whole" },
  { name: "score", type: "number" },
  { name: "seen", type: "yes/no" },
] as const;
const ROWS = [
  ["007", 3, 0.5, true],
  ['a "b", c', -4, 1e-300, false],
  ["tab\there", null, null, null],
];

describe.each(["csv", "tsv", "parquet"])("%s", (end) => {
  test("is read back as written", async () => {
    await writeCatalog(at(`rows.${end}`), COLUMNS, ROWS);
    const { table, format } = await readCatalog(at(`rows.${end}`));
    expect(format).toBe(end);
    expect(table.names).toEqual(["id", "n", "score", "seen"]);
    expect(table.names.map((name) => table.typeOf(name))).toEqual(["text", "whole", "number", "yes/no"]);
    for (const [c, { name }] of COLUMNS.entries())
      expect(table.column(name)).toEqual(ROWS.map((row) => row[c]));
  });
});

test("whole numbers beyond 2^53 keep their digits", async () => {
  const id = 1237668393087271045n;
  await writeCatalog(at("big.parquet"), [{ name: "objid", type: "whole" }], [[id], [2]]);
  const catalog = await readCatalog(at("big.parquet"));
  expect(catalog.table.column("objid")).toEqual([id, 2n]);
  const { table } = await reading("big.csv", `objid,x\n${id},1\n`);
  expect(table.column("objid")).toEqual([String(id)]);
});

test("the content decides the format: gzip, no extension, a wrong extension", async () => {
  expect((await reading("packed.csv.gz", gzipSync("id,x\n01,2\n"))).table.column("id")).toEqual(["01"]);
  expect((await reading("table", "id\tx\n01\t2\n")).table.column("x")).toEqual([2]);
  await expect(reading("page.csv", "<!DOCTYPE html><html></html>")).rejects.toThrow(
    /page.csv: is a web page/,
  );
  await expect(reading("x.parquet", "id,x\n1,2\n")).rejects.toThrow(
    "x.parquet: is named as Parquet but holds CSV",
  );
  await expect(reading("x.csv", "PAR1 and no more")).rejects.toThrow(
    "x.csv: is named as CSV but holds Parquet",
  );
  await expect(reading("x.hdf5", Buffer.from("\x89HDF\r\n", "latin1"))).rejects.toThrow("is HDF5");
  await expect(reading("x.bin", "ab\0c")).rejects.toThrow("is binary, in no known table format");
  await expect(reading("none.csv", "")).rejects.toThrow("none.csv: the file is empty");
  await expect(readCatalog(at("missing.csv"))).rejects.toThrow(/missing.csv: no such file/);
  await expect(readCatalog(folder)).rejects.toThrow(/is not a file/);
});

describe("roles of columns", () => {
  test.each([
    ["ID,RAJ2000,DEJ2000", "ID RAJ2000 DEJ2000"],
    ["source_id,ra,dec,ra_error", "source_id ra dec"],
    ["NUMBER,ALPHA_J2000,DELTA_J2000", "NUMBER ALPHA_J2000 DELTA_J2000"],
    ["# object_id,ra,dec", "# object_id ra dec"],
    ["recno,RA_ICRS,DE_ICRS,Name", "Name RA_ICRS DE_ICRS"],
    ["_RA,_DE,x", "undefined _RA _DE"],
  ])("in %s", async (header, expected) => {
    const { catalog } = await reading("roles.csv", `${header}\n${header.split(",").map((_, i) => i + 1)}\n`);
    const { id, ra, dec } = rolesOf(catalog);
    expect(`${id} ${ra} ${dec}`).toBe(expected);
  });

  test("are noted if guessed, and taken as requested otherwise", async () => {
    const { catalog, objects } = await reading("asked.csv", "name,key,RA_ICRS,dec\na,b,10,20\n", {
      id: "key",
    });
    expect(rolesOf(catalog).note).toBe(`${at("asked.csv")}: columns guessed: id is name, ra is RA_ICRS`);
    expect(objects()).toMatchObject({ ids: ["b"], ra: Float64Array.of(10), dec: Float64Array.of(20) });
    expect(() => rolesOf(catalog, { ra: "RA" })).toThrow(
      /ra must be one of name, key, RA_ICRS, dec, got "RA"/,
    );
  });
});

describe("positions", () => {
  test.each([
    ["12:34:56.7", true, 188.73625],
    ["12 34 56.7", true, 188.73625],
    ["12h34m56.7s", false, 188.73625],
    ["-00:30:00", false, -0.5],
    ["+5d06m07.2s", true, 5.102],
    ["01:30", true, 22.5],
    ["12:60:00", true, null],
    ["12:00:60", true, null],
    ["12-34-56", true, null],
    ["12h34", true, 188.5],
  ])("%s", (text, hours, degrees) => {
    const got = sexagesimal(text, hours);
    if (degrees === null) expect(got).toBeNull();
    else expect(got).toBeCloseTo(degrees, 10);
  });

  test("are numbers in degrees, or sexagesimal in hours and degrees", async () => {
    const plain = await reading("deg.csv", "id,ra,dec\na,-10,5\nb,,\n");
    expect(plain.objects()).toEqual({
      ids: ["a", "b"],
      ra: Float64Array.of(350, Number.NaN),
      dec: Float64Array.of(5, Number.NaN),
      converted: false,
      flaws: new Map(),
      notes: [],
    });
    const hours = await reading("hours.csv", "id,ra,dec\na,01:00:00,-01:30:00\nb,02:00:00,+89:00:00\n");
    const { ra, dec, notes } = hours.objects();
    expect([...ra, ...dec]).toEqual([15, 30, -1.5, 89]);
    expect(notes).toEqual(["ra is sexagesimal (hours)", "dec is sexagesimal"]);
  });

  test("are refused if invalid, naming the row", async () => {
    const refused = async (text: string) => {
      const { objects } = await reading("bad.csv", text);
      try {
        objects();
      } catch (error) {
        return (error as Error).message.replace(at(""), "");
      }
      return "taken";
    };
    expect(await refused("id,ra,dec\na,1,2\nb,1,91\n")).toMatch(
      /bad.csv row 2: dec must be an angle from -90 to 90/,
    );
    expect(await refused("id,ra,dec\na,400,2\n")).toMatch(
      /row 1: ra must be an angle from -180 to 360 degrees, got 400/,
    );
    expect(await refused("id,ra,dec\na,1:2:3,2\nb,12:61:00,2\n")).toMatch(
      /row 2: ra must be a number \(deg\), or like/,
    );
    expect(await refused("id,x\na,1\n")).toMatch(
      /has no column of right ascension and declination; its columns are id, x/,
    );
    expect(await refused("x,ra,dec\na,1,2\n")).toMatch(
      /has no column of ids; its columns are x, ra, dec; name it with --id-column/,
    );
    expect(await refused("id,ra,dec\na,1,2\na,1,2\n")).toMatch(/row 2: id a occurs twice \(first in row 1\)/);
    expect(await refused("id,ra,dec\na,1,2\n,1,2\n")).toMatch(/row 2: id must be given, got null/);
  });
});

test("values that can't be written are refused by name and row, and leave no file", async () => {
  const write = (name: string, columns: readonly unknown[], rows: readonly unknown[]) =>
    writeCatalog(at(name), columns as never, rows as never);
  await expect(write("x.txt", COLUMNS, [])).rejects.toThrow(/table must be a file that ends in \.csv, \.tsv/);
  await expect(write("x.csv", COLUMNS, [["a", 1.5, 0, true]])).rejects.toThrow(
    /x.csv row 1: n must be of type whole, got 1.5/,
  );
  await expect(write("x.csv", [COLUMNS[0], COLUMNS[0]], [])).rejects.toThrow("column id occurs twice");
  await expect(readCatalog(at("x.csv.partial"))).rejects.toThrow(/no such file/);
});
