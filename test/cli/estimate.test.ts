/** `arclet estimate`: from scores, a sample and its grades to figures of the survey, and what it refuses. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Draws } from "../../src/foundation/random.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-estimate-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const write = (name: string, ...lines: string[]) =>
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
const estimates = (out: string) => JSON.parse(read(join(out, "estimates.json")));

const ROWS = 4000;
const isLens = new Map<string, boolean>();
const GRADED = "--positives 'grade >= 2'";
let sampled: { id: string; decoy: string }[];

/** Grades of the sample, by what rows are. */
const grade = (id: string, decoy: string) => (decoy === "" ? isLens.get(id)! : decoy === "lens");

beforeAll(() => {
  const draws = new Draws(8);
  const rows = Array.from({ length: ROWS }, (_, k) => {
    isLens.set(`o${k}`, draws.chance(0.02));
    return `o${k},${draws.normal(isLens.get(`o${k}`) ? 3 : 0)}`;
  });
  write("scores.csv", "id,score", ...rows);
  write(
    "decoys.csv",
    "id,label",
    ...Array.from({ length: 60 }, (_, k) => `d${k},${k % 2 ? "lens" : "not-lens"}`),
  );
  done("select scores.csv --top 60 --random 400 --bins 4 --decoys decoys.csv --seed 1 --out sample.csv");
  sampled = read("sample.csv")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map(([, id, , , decoy]) => ({ id: id!, decoy: decoy! }));
  write("grades.csv", "id,grade", ...sampled.map(({ id, decoy }) => `${id},${grade(id, decoy) ? 3 : 0}`));
});

// One interval in twenty misses; bench/select/coverage.ts counts how many do.
test("intervals hold the truth of a survey that is known, and the files say how", () => {
  const { stdout } = done(`estimate scores.csv sample.csv grades.csv ${GRADED} --out figures --tops 60,150`);
  expect(stdout).toContain("A lens is what graders call one (grade >= 2): their errors are not corrected");
  expect(stdout).toMatch(/lenses in the survey: \d+ \[\d+, \d+\]/);
  const { number, thresholds, strata, graderErrors, provenance } = estimates("figures");
  const lenses = [...isLens.values()].filter(Boolean).length;
  expect(number.low).toBeLessThanOrEqual(lenses);
  expect(number.high).toBeGreaterThanOrEqual(lenses);
  const scores = new Map(
    read("scores.csv")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => [line.split(",")[0]!, Number(line.split(",")[1])]),
  );
  for (const { threshold, selected, purity, completeness } of thresholds) {
    const above = [...scores].filter(([, score]) => score >= threshold);
    expect(above).toHaveLength(selected);
    const found = above.filter(([id]) => isLens.get(id)).length;
    expect(purity.low).toBeLessThanOrEqual(found / selected);
    expect(purity.high).toBeGreaterThanOrEqual(found / selected);
    expect(completeness.low).toBeLessThanOrEqual(found / lenses);
    expect(completeness.high).toBeGreaterThanOrEqual(found / lenses);
  }
  expect(thresholds.map(({ selected }: { selected: number }) => selected)).toEqual([60, 150]);
  // The top was graded whole.
  expect(thresholds[0].purity.low).toBe(thresholds[0].purity.high);
  // Decoys are not among what was counted.
  expect(strata.reduce((sum: number, { graded }: { graded: number }) => sum + graded, 0)).toBe(460);
  expect({ graderErrors, task: provenance.task }).toEqual({ graderErrors: null, task: "estimate" });
  expect(read("figures/report.html")).toContain("lenses in the survey");
  expect(read("figures/figures/purity-completeness.svg")).toContain("completeness");
});

test("graders' errors are measured on decoys, or stated, and corrected", () => {
  const wrong = (id: string) => Number(id.slice(1)) % 10 === 1;
  const graded = sampled.map(({ id, decoy }) => `${id},${grade(id, decoy) && !wrong(id) ? 3 : 0}`);
  write("missed.csv", "id,grade", ...graded);
  const line = `estimate scores.csv sample.csv missed.csv ${GRADED}`;
  done(`${line} --out plain`);
  done(`${line} --grader-errors decoys --out by-decoys`);
  const { stdout } = done(`${line} --grader-errors 0.9,1 --out stated`);
  expect(stdout).toContain(
    "corrected for a sensitivity of 0.9 (taken as exact) and a specificity of 1 (taken as exact)",
  );
  const { decoys, number } = estimates("by-decoys");
  expect(decoys.specificity.right).toBe(decoys.specificity.of);
  expect(decoys.sensitivity.of - decoys.sensitivity.right).toBe(
    sampled.filter(({ id, decoy }) => decoy === "lens" && wrong(id)).length,
  );
  expect(estimates("stated").number.value).toBeCloseTo(estimates("plain").number.value / 0.9, 9);
  expect(number.high - number.low).toBeGreaterThan(0);
  refused(
    /sensitivity and specificity of the graders must be above 1 in sum/,
    `${line} --grader-errors 0.5,0.5 --out x`,
  );
  const survey = sampled.filter(({ decoy }) => decoy === "").map(({ id }) => `${id},0`);
  write("without.csv", "id,grade", ...survey);
  refused(
    /sample\.csv: decoys must be graded ones of both classes/,
    `estimate scores.csv sample.csv without.csv ${GRADED} --grader-errors decoys --out x`,
  );
});

test("rows without a grade are taken to be missing at random, and that is said", () => {
  const part = sampled.map(({ id, decoy }, k) => `${id},${k % 5 === 0 ? "" : grade(id, decoy) ? 3 : 0}`);
  write("part.csv", "id,grade", ...part);
  const { stdout } = done(`estimate scores.csv sample.csv part.csv ${GRADED} --out part`);
  expect(stdout).toMatch(
    /\d+ of the 460 rows of the sample are not graded: they are taken to be missing at random/,
  );
  const top = sampled.filter(({ id, decoy }) => decoy === "" && grade(id, decoy)).slice(0, 1);
  write("one.csv", "id,grade", ...top.map(({ id }) => `${id},3`));
  refused(
    /stratum \S+ has no graded row, so nothing is known of its \d+ rows/,
    `estimate scores.csv sample.csv one.csv ${GRADED} --out x`,
  );
});

test("a sample that was further used, re-ordered or rounded is the same sample", () => {
  const [head, ...rows] = read("sample.csv").trim().split("\n");
  const used = rows.reverse().map((row) => {
    const [shown, id, stratum, probability, decoy] = row.split(",") as [
      string,
      string,
      string,
      string,
      string,
    ];
    const rounded = probability === "" ? "" : Number(probability).toPrecision(5);
    return [shown, id, stratum, rounded, decoy, grade(id, decoy) ? 3 : 0].join();
  });
  write("used.csv", `${head},grade`, ...used);
  copyFileSync(join(folder, "sample.design.json"), join(folder, "used.design.json"));
  // The sample holds its own grades.
  done(`estimate scores.csv used.csv used.csv ${GRADED} --out used`);
  done(`estimate scores.csv sample.csv grades.csv ${GRADED} --out same`);
  expect(estimates("used").number).toEqual(estimates("same").number);
});

test("a sample without a design gives no figure of the survey", () => {
  write("by-hand.csv", "id,grade", "o1,0", "o2,3");
  refused(
    /by-hand\.csv: has no column stratum: of a sample drawn by hand nobody knows how likely/,
    `estimate scores.csv by-hand.csv by-hand.csv ${GRADED} --out x`,
  );
  copyFileSync(join(folder, "sample.csv"), join(folder, "alone.csv"));
  refused(
    /alone\.design\.json: is not there, so alone\.csv has no stated probabilities/,
    `estimate scores.csv alone.csv grades.csv ${GRADED} --out x`,
  );
});

test("what doesn't belong together is refused", () => {
  const line = (scores: string, sample: string, grades: string) =>
    `estimate ${scores} ${sample} ${grades} ${GRADED} --out x`;
  write("changed.csv", ...read("scores.csv").trim().split("\n").slice(0, -1));
  refused(
    /changed\.csv: is not the table that sample\.csv was drawn from/,
    line("changed.csv", "sample.csv", "grades.csv"),
  );
  write("other.csv", "id,grade", "o1,3", "nobody,0");
  refused(
    /other\.csv: has \d ids that are not in sample\.csv, the first is/,
    line("scores.csv", "sample.csv", "other.csv"),
  );
  const [graded] = sampled;
  write("twice.csv", "id,grade", `${graded!.id},3`, `${graded!.id},0`);
  refused(/twice\.csv: id \w+ occurs 2 times/, line("scores.csv", "sample.csv", "twice.csv"));
  const [head, ...rows] = read("sample.csv").trim().split("\n");
  const row = rows.findIndex((one) => one.includes(",random-4,"));
  const withDesign = (name: string, changed: readonly string[]) => {
    write(`${name}.csv`, head!, ...changed);
    copyFileSync(join(folder, "sample.design.json"), join(folder, `${name}.design.json`));
  };
  const probability = (value: string) =>
    rows.map((one, k) => (k === row ? one.replace(/,random-4,[^,]*/, `,random-4,${value}`) : one));
  withDesign("zero", probability("0"));
  refused(
    new RegExp(
      `zero\\.csv row ${row + 1}: probability must be above 0 and at most 1, since the row was in the sample, got 0`,
    ),
    line("scores.csv", "zero.csv", "grades.csv"),
  );
  withDesign("moved", probability("0.9"));
  refused(
    /moved\.csv row \d+: probability must be 0\.\d+, as in its design, got 0\.9/,
    line("scores.csv", "moved.csv", "grades.csv"),
  );
  withDesign("fewer", rows.slice(1));
  refused(
    /fewer\.csv: has other rows than fewer\.design\.json says/,
    line("scores.csv", "fewer.csv", "grades.csv"),
  );
});

test("thresholds that nothing passes, and conditions that can't be read, are refused", () => {
  const line = `estimate scores.csv sample.csv grades.csv --out x`;
  refused(
    /scores\.csv: --thresholds must be at most the highest score, [\d.]+: nothing passes, got 99/,
    `${line} ${GRADED} --thresholds 99`,
  );
  refused(/scores\.csv: --tops must be at most the 4000 rows, got 5000/, `${line} ${GRADED} --tops 5000`);
  refused(/grades\.csv: has no column grad\b/, `${line} --positives 'grad >= 2'`);
  refused(/--positives is missing/, line);
});
