import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { resplitConfig } from "../../src/dataset/splitting/config.ts";
import { readRows } from "../../src/dataset/splitting/leaks/rows.ts";
import { resplit } from "../../src/dataset/splitting/resplit.ts";
import { rowsWhere } from "../../src/dataset/where.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { readJudged } from "../../src/evaluate/judged.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();
/** Folders whose names DuckDB would take for patterns, or for columns and their values. */
const FOLDERS = ["x[1]", "a*", "what?", "seed=1", "it's", "{a,b}", "[!x]"];
const ids = async (path: string) => (await readCatalog(path)).table.column("id");

test.each(FOLDERS)("a file in %s is the one that is named", async (name) => {
  const at = (file: string) => join(folder, name, file);
  mkdirSync(join(folder, name), { recursive: true });
  for (const other of ["x1", "ab", "whatx"]) {
    mkdirSync(join(folder, other), { recursive: true });
    for (const file of ["t.csv", "s1.csv"]) writeFileSync(join(folder, other, file), "id\nwrong\n");
  }
  for (const [file, id] of [
    ["t.csv", "own"],
    ["s[1].csv", "brackets"],
    ["s1.csv", "plain"],
    ["t*.csv", "star"],
    ["ta.csv", "a"],
    ["t?.csv", "ask"],
  ])
    writeFileSync(at(file!), `id,score\n${id},1\n`);
  for (const [file, id] of [
    ["t.csv", "own"],
    ["s[1].csv", "brackets"],
    ["t*.csv", "star"],
    ["t?.csv", "ask"],
  ])
    expect(await ids(at(file!))).toEqual([id]);
  await writeCatalog(at("o[2]*.parquet"), [{ name: "id", type: "text" }], [["p"]]);
  const back = await readCatalog(at("o[2]*.parquet"));
  expect(back.table.names).toEqual(["id"]);
  expect(back.table.column("id")).toEqual(["p"]);
  expect(readdirSync(join(folder, name)).filter((file) => file.endsWith("parquet"))).toEqual([
    "o[2]*.parquet",
  ]);
});

test("scores are judged by the table that is named", async () => {
  const at = (file: string) => join(folder, "judged[1]", file);
  mkdirSync(at(""), { recursive: true });
  writeFileSync(at("s*.csv"), "id,score\na,0.9\nb,0.1\n");
  writeFileSync(at("sx.csv"), "id,score\na,0.1\nb,0.9\nc,1\n");
  writeFileSync(at("t[1].csv"), "id,grade\na,3\nb,0\n");
  const truth = { path: at("t[1].csv"), positives: "grade >= 2", negatives: "grade < 1" };
  const judged = await readJudged(at("s*.csv"), truth);
  expect([[...judged.scores], [...judged.positives]]).toEqual([
    [0.9, 0.1],
    [1, 0],
  ]);
});

test("a dataset in a folder of such a name is written, opened, asked and split again", async () => {
  const at = (name: string) => join(folder, "d[1]*", name);
  const write = (path: string, prefix: string) =>
    writeDataset(path, { ...SPEC, columns: { n: "whole" } }, async (writer) => {
      for (let i = 0; i < 8; i++) writer.append(fluxImage(i), [row(i, { id: `${prefix}${i}`, n: i })]);
    });
  await write(at("fold=0"), "own");
  await write(join(folder, "d1x", "fold=0"), "wrong");
  const dataset = await openDataset(at("fold=0"));
  expect(dataset.table.names).not.toContain("fold");
  expect(dataset.ids[0]).toBe("own0");
  dataset.close();
  expect([...(await rowsWhere(at("fold=0"), "n >= 6"))]).toEqual([6, 7]);
  const fractions = [0.5, 0.25, 0.25];
  await resplit(
    resplitConfig.parse({ dataset: at("fold=0"), out: at("again?"), fractions, stratify: "label" }),
  );
  expect((await readRows(at("again?"))).ids).toEqual(dataset.ids);
});

test("a backslash beside a pattern's sign can't be given to DuckDB, and is refused", async () => {
  writeFileSync(join(folder, "b\\*.csv"), "id\na\n");
  await expect(ids(join(folder, "b\\*.csv"))).rejects.toThrow(
    /has a backslash and one of \* \? \[ .*rename it/,
  );
  writeFileSync(join(folder, "b\\c.csv"), "id\na\n");
  expect(await ids(join(folder, "b\\c.csv"))).toEqual(["a"]);
});
