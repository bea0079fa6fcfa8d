import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCatalog, writeCatalog } from "../../src/data/index.ts";
import { readScores, readTruth, writeScores } from "../../src/evaluate/index.ts";
import { scratch } from "../data/folders.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const images = {
  ids: ["a", "007", "c"],
  classes: ["not-lens", "lens"],
  probabilities: Float32Array.of(0.75, 0.25, 0.125, 0.875, 0.9, 0.1),
  positive: 1,
};
const positions = { ra: [10, 20, null], dec: [-1, -2, null] };

describe.each(["csv", "tsv", "parquet", "vot", "fits"])("scores as .%s", (end) => {
  test("are written best first, with positions where known, and read again", async () => {
    await writeScores(at(`s.${end}`), { ...images, positions });
    const { table } = await readCatalog(at(`s.${end}`));
    expect(table.names).toEqual(["id", "rank", "score", "p_not-lens", "p_lens", "ra", "dec"]);
    expect(table.column("id")).toEqual(["007", "a", "c"]);
    expect(table.column("rank")).toEqual([1, 2, 3]);
    expect(table.column("ra")).toEqual([20, 10, null]);
    const { ids, scores } = await readScores(at(`s.${end}`));
    expect(ids).toEqual(["007", "a", "c"]);
    expect([...scores]).toEqual([0.875, 0.25, 0.100000001]);
  });

  test("are judged by a truth of the same format", async () => {
    const columns = [
      { name: "name", type: "text" },
      { name: "grade", type: "number" },
      { name: "group", type: "whole" },
    ] as const;
    await writeCatalog(at(`t.${end}`), columns, [
      ["007", 2.5, 4],
      ["a", 0.5, 5],
      ["c", null, 6],
    ]);
    expect(await readTruth(at(`t.${end}`), "grade >= 2", "grade <= 0.7")).toEqual(
      new Map([
        ["007", { positive: true, group: "4" }],
        ["a", { positive: false, group: "5" }],
      ]),
    );
  });
});

test("CSV is what it was: nine digits, no positions where there are none", async () => {
  await writeScores(at("plain.csv"), images);
  expect(readFileSync(at("plain.csv"), "utf8")).toBe(
    "id,rank,score,p_not-lens,p_lens\n007,1,0.875,0.125,0.875\na,2,0.25,0.75,0.25\nc,3,0.100000001,0.899999976,0.100000001\n",
  );
});

test("regions need positions", async () => {
  expect(await writeScores(at("s.reg"), { ...images, positions })).toEqual([
    `${at("s.reg")}: 1 of 3 rows have no position and no region`,
  ]);
  await expect(writeScores(at("none.reg"), images)).rejects.toThrow(
    /none.reg: columns must be with right ascension/,
  );
});

test("what can't be read is refused in one line", async () => {
  writeFileSync(at("no-score.csv"), "id,x\na,1\n");
  await expect(readScores(at("no-score.csv"))).rejects.toThrow(
    /no-score.csv: has no column score; its columns are id, x/,
  );
  writeFileSync(at("twice.csv"), "id,score\na,1\na,2\n");
  await expect(readScores(at("twice.csv"))).rejects.toThrow(/twice.csv: id a occurs twice/);
  writeFileSync(at("bad.csv"), "id,score\na,1\nb,\n");
  await expect(readScores(at("bad.csv"))).rejects.toThrow(/bad.csv row 2: score must be a number, got null/);
  await expect(readTruth(at("bad.csv"), "grade > 1", "score < 0")).rejects.toThrow(/bad.csv: .*grade/);
});
