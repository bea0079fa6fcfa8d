import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeCatalog } from "../../src/catalog/write.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const path = join(folder, "x.reg");
const COLUMNS = [
  { name: "id", type: "text" },
  { name: "RAJ2000", type: "number" },
  { name: "DEJ2000", type: "number" },
  { name: "score", type: "number" },
] as const;
const written = async (rows: unknown[][], options = {}) => {
  const notes = await writeCatalog(path, COLUMNS, rows as never, options);
  return { notes, lines: readFileSync(path, "utf8").split("\n") };
};

test("one circle per object, with its colour, and id and score as text", async () => {
  const { notes, lines } = await written(
    [
      ["a", 10.5, -3.25, 1],
      ["b", 0, 90, 0],
      ["c", 359.9999999, 0, 0.5],
      ["d {x}", 1, 2, 0.25],
      ["e", 1, 2, null],
      ["f", null, 2, 0.5],
    ],
    { radius: 3 },
  );
  expect(lines[0]).toMatch(/^# Region file format: DS9/);
  expect(lines.slice(2)).toEqual([
    "icrs",
    'circle(10.5000000,-3.2500000,3") # color=#ff0000 text={a 1}',
    'circle(0.0000000,90.0000000,3") # color=#0000ff text={b 0}',
    'circle(359.9999999,0.0000000,3") # color=#00ff00 text={c 0.5}',
    'circle(1.0000000,2.0000000,3") # color=#00ffff text="d {x} 0.25"',
    'circle(1.0000000,2.0000000,3") # color=#ffffff text={e}',
    "",
  ]);
  expect(notes).toEqual([`${path}: 1 of 6 rows have no position, so no region`]);
});

test("colours of scores beyond 0 to 1 range from the lowest to the highest", async () => {
  const { lines } = await written([
    ["a", 1, 1, -2],
    ["b", 1, 1, 3],
  ]);
  expect(lines[3]).toMatch(/color=#0000ff/);
  expect(lines[4]).toMatch(/color=#ff0000/);
});

test("columns may be chosen; what can't be shown is refused", async () => {
  const { lines } = await written([["a", 1, 1, 0.5]], { roles: { id: "score", score: "DEJ2000" } });
  expect(lines[3]).toMatch(/text=\{0\.5 1\}/);
  await expect(written([["a", 1, 1, 0.5]], { roles: { score: "id" } })).rejects.toThrow(
    /a column of numbers, got "text"/,
  );
  await expect(writeCatalog(path, [COLUMNS[0]], [["a"]])).rejects.toThrow(
    /x.reg: has no column of right ascension and declination; its columns are id/,
  );
  await expect(written([[`a{"'`, 1, 1, 1]])).rejects.toThrow(/x.reg row 1: id must be without braces/);
});
