import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeCatalog } from "../../src/catalog/write.ts";
import { readJudged } from "../../src/evaluate/judged.ts";
import { writeScores } from "../../src/evaluate/scores.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const images = {
  ids: ["a", "007", "c"],
  classes: ["not-lens", "lens"],
  probabilities: Float32Array.of(0.75, 0.25, 0.125, 0.875, 0.9, 0.1),
  positive: 1,
};
const positions = { ra: [10, 20, null], dec: [-1, -2, null] };

async function writeTruth(name: string) {
  const columns = [
    { name: "name", type: "text" },
    { name: "grade", type: "number" },
    { name: "group", type: "whole" },
  ] as const;
  await writeCatalog(at(name), columns, [
    ["007", 2.5, 4],
    ["c", null, 6],
    ["a", 0.5, 4],
  ]);
  return { path: at(name), positives: "grade >= 2", negatives: "grade <= 0.7" };
}

describe.each(["csv", "tsv", "parquet", "vot", "fits"])("scores as .%s", (extension) => {
  test("are written best first, with positions where known, and read again", async () => {
    await writeScores(at(`s.${extension}`), { ...images, positions });
    const { table } = await readCatalog(at(`s.${extension}`));
    expect(table.names).toEqual(["id", "rank", "score", "p_not-lens", "p_lens", "ra", "dec"]);
    expect(table.column("id")).toEqual(["007", "a", "c"]);
    expect(table.column("rank")).toEqual([1, 2, 3]);
    expect(table.column("ra")).toEqual([20, 10, null]);
  });

  test("leave the column calibrated empty where the prior's estimate is at its bound", async () => {
    const empty = Float64Array.of(Number.NaN, Number.NaN, Number.NaN);
    await writeScores(at(`e.${extension}`), { ...images, calibrated: empty });
    const { table } = await readCatalog(at(`e.${extension}`));
    expect(table.names).toContain("calibrated");
    expect(table.column("calibrated").map((value) => value ?? null)).toEqual([null, null, null]);
    const truth = await writeTruth(`et.${extension}`);
    expect((await readJudged(at(`e.${extension}`), truth)).calibrated).toBeNull();
  });

  test("are judged by a truth of the same format, in its order and by its groups, a leak told", async () => {
    const honest = Float64Array.of(0.2, 0.7, 0.05);
    await writeScores(at(`j.${extension}`), { ...images, calibrated: honest, leak: true });
    const truth = await writeTruth(`t.${extension}`);
    const judged = await readJudged(at(`j.${extension}`), truth);
    expect([...judged.scores]).toEqual([0.875, 0.25]);
    expect([...judged.positives]).toEqual([1, 0]);
    expect([...judged.groups]).toEqual([0, 0]);
    expect([...judged.calibrated!]).toEqual([0.7, 0.2]);
    expect(judged.leak).toBe(true);
    await writeScores(at(`clean.${extension}`), images);
    expect(await readJudged(at(`clean.${extension}`), truth)).toMatchObject({
      leak: false,
      calibrated: null,
    });
  });
});

test("CSV has nine digits, and no positions if there are none", async () => {
  await writeScores(at("plain.csv"), images);
  expect(readFileSync(at("plain.csv"), "utf8")).toBe(
    "id,rank,score,p_not-lens,p_lens\n007,1,0.875,0.125,0.875\na,2,0.25,0.75,0.25\nc,3,0.100000001,0.899999976,0.100000001\n",
  );
});

test("regions need positions", async () => {
  expect(await writeScores(at("s.reg"), { ...images, positions })).toEqual([
    `${at("s.reg")}: 1 of 3 rows have no position, so no region`,
  ]);
  await expect(writeScores(at("none.reg"), images)).rejects.toThrow(
    /none.reg: has no column of right ascension/,
  );
});

test("what can't be read is refused in one line", async () => {
  const write = (name: string, text: string) => {
    writeFileSync(at(name), text);
    return at(name);
  };
  const truth = {
    path: write("truth.csv", "id,grade\na,1\nb,0\n"),
    positives: "grade = 1",
    negatives: "grade = 0",
  };
  const judge = (path: string) => readJudged(path, truth);
  await expect(judge(write("no-score.csv", "id,x\na,1\n"))).rejects.toThrow(
    /no-score.csv: has no column score; its columns are id, x/,
  );
  await expect(judge(write("no-id.csv", "x,score\na,1\n"))).rejects.toThrow(
    /no-id.csv: columns must be a list with an id column/,
  );
  await expect(judge(write("twice.csv", "id,score\na,1\na,2\n"))).rejects.toThrow(
    /twice.csv: id a occurs 2 times/,
  );
  await expect(judge(write("bad.csv", "id,score\na,1\nb,\n"))).rejects.toThrow(
    /bad.csv row 2: score must be a finite number, got nothing/,
  );
  await expect(
    readJudged(write("good.csv", "id,score\na,1\nb,0\n"), { ...truth, positives: "size > 1" }),
  ).rejects.toThrow(/: .*size/);
});
