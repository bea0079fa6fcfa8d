/** Samples drawn from small tables, row by row. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Design } from "../../../src/evaluate/designed-sample/design.ts";
import { drawSample } from "../../../src/evaluate/designed-sample/drawing.ts";
import { sampleConfig } from "../../../src/evaluate/designed-sample/sample-config.ts";
import { mean } from "../../../src/foundation/statistics.ts";
import { slow } from "../../slow.ts";

slow("opens a database for each sample");

const folder = mkdtempSync(join(tmpdir(), "arclet-drawing-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 100;
/** Row k has the k-th highest score, from 1.00 down to 0.01. */
const ranked = Array.from({ length: ROWS }, (_, k) => `r${k + 1},${(ROWS - k) / ROWS}`);
function table(name: string, rows: readonly string[], head = "id,score"): string {
  const path = join(folder, name);
  writeFileSync(path, `${[head, ...rows].join("\n")}\n`);
  return path;
}
const scores = table("scores.csv", ranked);

const sample = (settings: Record<string, unknown>, path = scores) =>
  drawSample(
    path,
    sampleConfig.parse({ scores: path, out: "sample.csv", top: 10, random: 30, bins: 3, ...settings }),
  );
const ranksOf = (rows: readonly { id: string; stratum: string | null }[], stratum: string) =>
  rows.flatMap((row) => (row.stratum === stratum ? [Number(row.id.slice(1))] : [])).sort((a, b) => a - b);
const probabilities = ({ strata }: Pick<Design, "strata">) =>
  Object.fromEntries(strata.map(({ name, rows, drawn, probability }) => [name, [rows, drawn, probability]]));

test("the top is in the sample, and all other rows with their stratum's probability", async () => {
  const { design, rows } = await sample({ edges: [20, 50], shares: [2, 3, 5] });
  expect(probabilities(design)).toEqual({
    top: [10, 10, 1],
    "random-1": [10, 6, 0.6],
    "random-2": [30, 9, 0.3],
    "random-3": [50, 15, 0.3],
  });
  expect(design.sample.rows).toBe(40);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
  expect(ranksOf(rows, "top")).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const [first, second, third] = [1, 2, 3].map((bin) => ranksOf(rows, `random-${bin}`)) as number[][];
  expect([first!.length, second!.length, third!.length]).toEqual([6, 9, 15]);
  expect(first!.every((rank) => rank > 10 && rank <= 20)).toBe(true);
  expect(second!.every((rank) => rank > 20 && rank <= 50)).toBe(true);
  expect(third!.every((rank) => rank > 50)).toBe(true);
  for (const { stratum, probability } of rows)
    expect(probability).toBe(design.strata.find(({ name }) => name === stratum)!.probability);
});

test("strata that overlap are made disjoint: a row belongs to the first that it fits, and has one probability", async () => {
  // Probabilities from 0.85 to 1.05 are ranks 1 to 16: 10 of these are the top, 4 the rest of the first bin's.
  const { design, rows } = await sample({ uncertain: 3, around: 0.95, within: 0.1, edges: [18, 50] });
  expect(probabilities(design)).toMatchObject({ top: [10, 10, 1], uncertain: [6, 3, 0.5] });
  expect(design.strata.map(({ name, rows }) => [name, rows])).toContainEqual(["random-1", 2]);
  expect(design.strata.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS);
  expect(ranksOf(rows, "uncertain").every((rank) => rank > 10 && rank <= 16)).toBe(true);
});

test("bins by score end at scores, ties and all", async () => {
  const { design } = await sample({ top: 0, by: "score", edges: [0.9, 0.5] });
  expect(design.strata.map(({ rows }) => rows)).toEqual([11, 40, 49]);
  const even = await sample({ top: 0, by: "score", bins: 2 });
  expect(even.design.strata.map(({ rows }) => rows)).toEqual([50, 50]);
});

test("rows of equal score are told apart by id where a stratum ends", async () => {
  const tied = table("tied.csv", ["d,0.5", "b,0.5", "a,0.5", "c,0.5"]);
  const { design, rows } = await sample({ top: 2, random: 1, bins: 1 }, tied);
  expect(probabilities(design)).toEqual({ top: [2, 2, 1], "random-1": [2, 1, 0.5] });
  expect(rows.flatMap(({ id, stratum }) => (stratum === "top" ? [id] : [])).sort()).toEqual(["a", "b"]);
});

test("one seed gives one sample, whatever the table's order; another seed another", async () => {
  const shuffled = table("shuffled.csv", [...ranked].reverse());
  const first = await sample({ seed: 5 });
  expect((await sample({ seed: 5 })).rows).toEqual(first.rows);
  expect((await sample({ seed: 5 }, shuffled)).rows).toEqual(first.rows);
  expect((await sample({ seed: 6 })).rows).not.toEqual(first.rows);
});

test("each row of a stratum is as likely as another, in each seed for itself, and the order shows no stratum", async () => {
  const many = table(
    "many.csv",
    Array.from({ length: 4000 }, (_, k) => `r${k + 1},${1 - k / 4000}`),
  );
  const drawn = async (seed: number) => {
    const { rows } = await sample({ top: 100, random: 1950, bins: 1, seed }, many);
    return { rows, ranks: ranksOf(rows, "random-1") };
  };
  const [first, second] = [await drawn(1), await drawn(2)];
  // A half of every 390 neighbours: 195 ± 6.6.
  for (let from = 100; from < 4000; from += 390) {
    const inside = first.ranks.filter((rank) => rank > from && rank <= from + 390).length;
    expect(Math.abs(inside - 195)).toBeLessThan(4 * 6.7);
  }
  // Two halves of 3,900 share 975 ± 15.6.
  const shared = first.ranks.filter((rank) => second.ranks.includes(rank)).length;
  expect(Math.abs(shared - 975)).toBeLessThan(4 * 15.6);
  // The mean turn of 100 of 2,050: 1024.5 ± 58.
  const turns = first.rows.flatMap(({ stratum }, turn) => (stratum === "top" ? [turn] : []));
  expect(Math.abs(mean(turns) - 1024.5)).toBeLessThan(4 * 58);
});

test("decoys are a share of what is shown, marked, and none of the sample is shown twice", async () => {
  // The best is in the sample anyway.
  const decoys = table("decoys.csv", ["r1,lens", "x1,lens", "x2,not-lens", "x3,lens"], "id,label");
  const { design, rows } = await sample({ decoys, decoyRate: 0.05 });
  expect(design.decoys).toMatchObject({ rate: 0.05, shown: 2 });
  expect(rows).toHaveLength(42);
  const shown = rows.filter(({ decoy }) => decoy !== null);
  expect(shown.map(({ stratum, probability }) => [stratum, probability])).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(rows.filter(({ id }) => id === "r1")).toMatchObject([{ stratum: "top", decoy: null }]);
  await expect(sample({ decoys, decoyRate: 0.2 })).rejects.toThrow(
    /decoys\.csv: rows must be 10 or more that are not in the sample, for --decoy-rate 0\.2, got 3/,
  );
  const wrong = table("wrong.csv", ["x1,lens", "x2,spiral"], "id,label");
  await expect(sample({ decoys: wrong })).rejects.toThrow(/wrong\.csv row 2: label must be lens or not-lens/);
  const twice = table("twice.csv", ["x1,lens", "x1,lens"], "id,label");
  await expect(sample({ decoys: twice })).rejects.toThrow(/twice\.csv row 2 \(id x1\): id must be another/);
});

test("sky positions come along", async () => {
  const placed = table("placed.csv", ["a,0.9,10.5,-1", "b,0.8,,", "c,0.1,12,3"], "id,score,ra,dec");
  const { rows, positions } = await sample({ top: 3 }, placed);
  expect(positions).toBe(true);
  expect(Object.fromEntries(rows.map(({ id, ra, dec }) => [id, [ra, dec]]))).toEqual({
    a: [10.5, -1],
    b: [null, null],
    c: [12, 3],
  });
});

test("a sample as large as the survey is all of it", async () => {
  const { design, notes } = await sample({ top: 500, uncertain: 5 });
  expect(probabilities(design)).toEqual({ top: [100, 100, 1] });
  expect(notes).toEqual(["no row below the top is uncertain: none was drawn for that"]);
  const all = await sample({ top: 10, random: 500, uncertain: 500, within: 0.2 });
  expect(all.design.strata.every(({ probability }) => probability === 1)).toBe(true);
});

test.each([
  [{ random: 2 }, /select: --random must be 3 or more, one for each stratum, got 2/],
  [{ edges: [50, 20] }, /--edges must be ascending ranks between the top 10 and the last, 100/],
  [{ edges: [5, 20] }, /--edges must be ascending ranks/],
  [{ by: "score", edges: [0.1, 0.9] }, /--edges must be descending scores with --by score/],
  [{ shares: [1, 2] }, /--shares must be 3 shares, one for each bin/],
])("%j is refused", async (settings, message) => {
  await expect(sample(settings)).rejects.toThrow(message);
});

test.each([
  [["a,0.5", "b,nan"], /bad\.csv row 2: score must be a finite number, got "nan"/],
  [["a,0.5", "a,0.4"], /bad\.csv: id a occurs 2 times/],
  [["a,0.5", ",0.4"], /bad\.csv row 2: id must be given/],
  [
    ["a,0.5", "b,-2"],
    /bad\.csv row 2: score \(as a probability, for --uncertain\) must be from 0 to 1, got -2/,
  ],
])("scores %j are refused", async (rows, message) => {
  const bad = table("bad.csv", rows);
  await expect(sample({ uncertain: 1 }, bad)).rejects.toThrow(message);
});
