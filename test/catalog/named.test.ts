import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namedTable } from "../../src/catalog/named.ts";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { importImages } from "../../src/making/importing/import.ts";
import { bytesOf, scratch, writeNpy } from "../tiny/dataset.ts";
import { fixture } from "./astropy.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);

test("id, ra and dec get Arclet's names and degrees; other columns are unchanged", async () => {
  const { table, notes } = namedTable(await readCatalog(fixture("sextractor.fits")));
  expect(table.names.slice(0, 4)).toEqual(["id", "ra", "dec", "scaled"]);
  expect(table.column("ra")).toEqual([15, 30, 352.5]);
  expect(notes.slice(2)).toEqual([
    `${fixture("sextractor.fits")}: ALPHA_J2000 is in hours`,
    `${fixture("sextractor.fits")}: columns guessed: id is NUMBER, ra is ALPHA_J2000, dec is DELTA_J2000`,
  ]);
});

test("a column that has the name but another meaning keeps its values", async () => {
  const columns = [
    { name: "ra", type: "text" },
    { name: "RA", type: "number", ucd: "pos.eq.ra;meta.main" },
    { name: "dec", type: "number" },
  ] as const;
  await writeCatalog(at("two.vot"), columns, [["here", 5, 6]]);
  const { table } = namedTable(await readCatalog(at("two.vot")));
  expect(table.names).toEqual(["ra_given", "ra", "dec"]);
  expect(table.column("ra")).toEqual([5]);
});

const COLUMNS = [
  { name: "source_id", type: "whole" },
  { name: "RAJ2000", type: "text" },
  { name: "DEJ2000", type: "text" },
  { name: "grade", type: "number" },
] as const;
const ROWS = [
  [1237668393087271045n, "01:00:00", "-01:30:00", 3],
  [7n, "00:00:04", "+02:00:00", 0.5],
  [8n, "23:59:56", "+02:00:00", null],
];

describe.each(["csv", "parquet", "vot", "fits"])("import takes a table of .%s", (end) => {
  test("with ids to the last digit and positions in degrees", async () => {
    const images = Float32Array.from({ length: 3 * 9 }, (_, i) => Math.sin(i));
    writeNpy(at("x.npy"), "<f4", [3, 3, 3], bytesOf(images));
    await writeCatalog(at(`t.${end}`), COLUMNS, ROWS);
    const out = at(`out-${end}`);
    const options = { images: [at("x.npy")], table: at(`t.${end}`), out, bands: ["i"], pixelScale: 0.2 };
    const { notes } = await importImages(options);
    const dataset = await openDataset(out);
    expect(dataset.ids).toEqual(["1237668393087271045", "7", "8"]);
    expect(dataset.column("ra")).toEqual([15, expect.closeTo(1 / 60, 12), expect.closeTo(360 - 1 / 60, 9)]);
    expect(dataset.column("dec")).toEqual([-1.5, 2, 2]);
    expect(dataset.column("grade")).toEqual([3, 0.5, null]);
    expect(notes).toContain(`${at(`t.${end}`)}: RAJ2000 is sexagesimal (hours)`);
    dataset.close();
  });
});

test("a position that can't be read stops the import, naming its row", async () => {
  writeFileSync(at("bad.csv"), "id,ra,dec\na,1,2\nb,1,95\n");
  const options = {
    images: [at("x.npy")],
    table: at("bad.csv"),
    out: at("no"),
    bands: ["i"],
    pixelScale: 0.2,
  };
  await expect(importImages(options)).rejects.toThrow(
    /bad.csv row 2: dec must be an angle from -90 to 90 degrees, got 95/,
  );
});
