import { expect, test } from "vitest";
import { differencesOf, type Entry, linesOf, measured } from "../../../src/evaluate/comparison/entries.ts";
import { delongPaired } from "../../../src/evaluate/intervals.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { comparisonFigure } from "../../../src/pictures/dot-plot.ts";
import { markdownTable } from "../../../src/pictures/table.ts";
import {
  differencesCsv,
  differenceTable,
  entriesCsv,
  lineTable,
  over,
  validatorTable,
} from "../../../src/reports/comparing/statistics-tables.ts";

const draws = new Draws(4);
const positives = Uint8Array.from({ length: 90 }, (_, i) => Number(i < 30));
const image = Float64Array.from(positives, () => draws.normal());
const scoresOf = (skill: number) =>
  Float64Array.from(positives, (y, i) => 1 / (1 + Math.exp(-(skill * y + image[i]! + draws.normal(0, 0.3)))));

const entry = (row: string, seed: number, skill: number, more: Partial<Entry> = {}): Entry => ({
  encoder: "cnn",
  row,
  method: row,
  kind: "chosen",
  seed,
  members: [`cnn-${row}-${seed}`],
  epoch: 1,
  epochs: 2,
  seconds: 10 + seed,
  marks: [],
  scores: scoresOf(skill),
  ...more,
});
const both = [0, 1, 2];
const entries = [
  ...both.map((seed) => entry("source-only", seed, 0.5)),
  ...both.map((seed) => entry("adda", seed, 2)),
  entry("adda", 0, 2.5, { kind: "oracle", marks: ["oracle"] }),
  ...both.map((seed) => entry("dan", seed, 0.5)),
  // With another encoder, and a seed that its base has not.
  entry("source-only", 0, 1, { encoder: "b" }),
  entry("adda", 0, 1.5, { encoder: "b" }),
  entry("adda", 1, 1.5, { encoder: "b" }),
  entry("all", 0, 2, { kind: "mean", seed: null, method: null, members: ["x", "y"] }),
].map((one) => measured(one, positives, "lens"));
const lines = linesOf(entries, positives, "source-only");
const line = (encoder: string, row: string, kind = "chosen") =>
  lines.find((one) => one.encoder === encoder && one.row === row && one.kind === kind)!;

test("a line is the mean of its seeds, with the metrics' deviations and the mean time", () => {
  const adda = entries.filter(({ encoder, row, kind }) => encoder + row + kind === "cnnaddachosen");
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const areas = adda.map(({ metrics }) => metrics.auroc.value!);
  expect(line("cnn", "adda")).toMatchObject({ seeds: 3, seconds: 11, marks: [] });
  expect(line("cnn", "adda").auroc.mean).toBeCloseTo(mean(areas), 12);
  const firsts = adda.map(({ metrics }) => metrics.tpr0.value!);
  expect(line("cnn", "adda").tpr0.mean).toBeCloseTo(mean(firsts), 12);
  const deviation = Math.sqrt(firsts.reduce((sum, x) => sum + (x - mean(firsts)) ** 2, 0) / 2);
  expect(line("cnn", "adda").tpr0.deviation).toBeCloseTo(deviation, 12);
  // One seed keeps its own interval.
  const single = line("b", "source-only");
  expect(single.tpr0).toMatchObject({ deviation: null, single: entries[10]!.metrics.tpr0 });
  expect(single.auroc.low).toBe(entries[10]!.metrics.auroc.low);
});

test("a gain is over the same encoder's base on the seeds that both have; base and ensembles have none", () => {
  const paired = delongPaired(entries[11]!.scores, entries[10]!.scores, positives);
  const gain = line("b", "adda").gain!;
  expect(gain.seeds).toBe(1);
  expect(gain.mean).toBeCloseTo(paired.difference, 12);
  expect(gain.low).toBeCloseTo(paired.low, 10);
  expect(line("cnn", "source-only").gain).toBeNull();
  expect(line("cnn", "all", "mean").gain).toBeNull();
  // Holm over the three gains of chosen epochs; the oracle's line is none of them.
  const p = [line("cnn", "adda"), line("cnn", "dan"), line("b", "adda")].map((one) => one.gain!.p);
  expect(line("cnn", "adda").adjusted).toBeCloseTo(3 * Math.min(...p), 12);
  expect(line("cnn", "adda", "oracle").gain).not.toBeNull();
  expect(line("cnn", "adda", "oracle").adjusted).toBeNull();
});

test("the table begins with the low-false-positive end, stars what Holm leaves, and marks the oracle", () => {
  const text = markdownTable(lineTable(lines, "cnn"));
  const [head, , ...rows] = text.split("\n");
  expect(head).toMatch(/method +\| epoch +\| +TPR_0 +\| +TPR_10 +\| +AUROC +\| gain over source-only/);
  expect(rows.map((row) => row.split("|")[1]!.trim())).toEqual(["source-only", "adda", "adda", "dan", "all"]);
  expect(rows[1]).toMatch(/\| chosen .*\| \+0\.\d{3} \[\+0\.\d{3}, \+0\.\d{3}\] \* /);
  expect(rows[2]).toMatch(/\| oracle .* oracle +\|$/);
  expect(rows[3]).not.toContain("*");
  expect(rows[4]).toContain("mean of 2 runs");
});

test("any two methods are compared, antisymmetric, all under one correction", () => {
  const differences = differencesOf(entries, positives);
  expect(differences.map(({ encoder, first, second }) => `${encoder}: ${first} - ${second}`)).toEqual([
    "cnn: adda - source-only",
    "cnn: dan - source-only",
    "cnn: dan - adda",
    "b: adda - source-only",
  ]);
  expect(differences[0]!.mean).toBeCloseTo(line("cnn", "adda").gain!.mean, 14);
  const { columns, rows } = differenceTable(differences, "cnn");
  expect(columns).toEqual(["row minus column", "source-only", "adda", "dan"]);
  const cell = (r: number, c: number) => String(rows[r]![c]);
  expect(cell(1, 1)).toMatch(/^\+0\.\d{3} \*$/);
  expect(cell(0, 2)).toBe(cell(1, 1).replace("+", "−"));
  expect(cell(1, 2)).toBe("");
  const csv = differencesCsv(differences).trim().split("\n");
  expect(csv[0]).toBe("encoder,first,second,auroc_difference,low,high,standard_error,degrees,p,p_holm,seeds");
  expect(csv).toHaveLength(5);
});

test("the CSV has a line a run's epoch and one a failure, as wide as its head", () => {
  const failed = {
    encoder: "cnn",
    row: "mcc",
    method: "mcc",
    seed: 4,
    reason: 'loss is NaN, "step" 3',
  };
  const rows = entriesCsv(entries, [failed]).trim().split("\n");
  const width = rows[0]!.split(",").length;
  for (const row of rows.slice(1, -1)) expect(row.split(",")).toHaveLength(width);
  expect(rows).toHaveLength(entries.length + 2);
  expect(rows[1]).toMatch(/^cnn,source-only,source-only,0,chosen,1,2,/);
  const last = rows.at(-1)!;
  expect(last).toMatch(/^cnn,mcc,mcc,4,failed,/);
  expect(last).toMatch(/,"loss is NaN, ""step"" 3"$/);
  expect(last.replace(/"(?:[^"]|"")*"/, "reason").split(",")).toHaveLength(width);
});

test("means and deviations in words, and a validator's line", () => {
  expect(over([0.8, 0.9], 3)).toBe("0.850 ± 0.071");
  expect(over([0.8], 2)).toBe("0.80");
  expect(over([], 2)).toBe("–");
  const table = validatorTable(
    [{ name: "infomax", correlation: [null, 0.5], regret: [0, 0.02] }],
    [{ name: "infomax", correlation: [], regret: [0.01] }],
  );
  expect(table.rows).toEqual([["infomax", "0.50", "0.010 ± 0.014", "0.010"]]);
});

test("the figure has a dot a row, DeepLense's own numbers hollow, and source-only's line", () => {
  const own = lines.map((one) => ({ ...one, encoder: one.encoder === "cnn" ? "ours" : one.encoder }));
  const svg = comparisonFigure(own, { row: "ours", name: "resnet34d" }, "source-only");
  const marks = (label: string) =>
    [...svg.matchAll(new RegExp(`<g[^>]*aria-label="${label}"[^>]*>(.*?)</g>`, "gs"))].map(
      ([, inner]) => inner!,
    );
  const circles = marks("dot").map((inner) => inner.match(/<circle/g)?.length ?? 0);
  // Four dots (three chosen, one ensemble), then ADDA's 0.797 of DeepLense; the oracle's diamond is a path.
  expect(circles).toContain(4);
  expect(circles).toContain(1);
  expect(marks("dot").some((inner) => inner.includes("<path"))).toBe(true);
  expect(svg).toContain('stroke-dasharray="4 3"');
  expect(() => comparisonFigure(lines, { row: "x", name: "x" }, "source-only")).toThrow("rows must be one");
});
