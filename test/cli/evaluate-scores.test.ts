/** `arclet evaluate` on score tables, and `arclet threshold`: what an astronomer's tables may be, and what goes wrong with them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-scores-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done, refused } = commandLine(folder);
const write = (name: string, ...lines: string[]) =>
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
const metrics = (out: string) =>
  JSON.parse(readFileSync(join(folder, out, "metrics.json"), "utf8")).results[0].metrics;

const BY = "--positives 'grade >= 2' --negatives 'grade < 1'";
const against = (scores: string, more = "") => `evaluate ${scores} --truth truth.csv ${BY} --out out ${more}`;

// A grade of 1 is neither; b and d share a place.
write("truth.csv", "id,grade,group", "a,3,p1", "b,2,p2", "c,1,p3", "d,0,p2", "e,0.5,p4", "007,0,p5");
write("scores.csv", "id,score", "a,0.9", "b,0.4", "d,0.6", "e,0.2", "007,0.1", "x,0.5", "c,0.3");

test("judged rows are those that meet a condition, whatever the order, and ids are texts", () => {
  const { stdout } = done(against("scores.csv", "--top 2,3 --prevalence 0.01,0.1 --threshold 0.5"));
  expect(stdout).toContain(
    "scores.csv: 1 of its 7 ids are not in truth.csv and are not judged, the first is x",
  );
  const made = metrics("out");
  expect([made.positives, made.negatives, made.groups]).toEqual([2, 3, 4]);
  // a above all three negatives, b above two.
  expect(made.auroc.value).toBeCloseTo(5 / 6, 12);
  expect(made.tpr0.value).toBe(0.5);
  expect(made.operatingPoint).toMatchObject({
    threshold: 0.5,
    chosen: "as given",
    truePositives: 1,
    falsePositives: 1,
    trueNegatives: 2,
    falseNegatives: 1,
  });
  expect(
    made.top.map(({ n, purity }: { n: number; purity: { value: number } }) => [n, purity.value]),
  ).toEqual([
    [2, 0.5],
    [3, 2 / 3],
  ]);
  expect(made.atPrevalence.map(({ prevalence }: { prevalence: number }) => prevalence)).toEqual([0.01, 0.1]);
  const { ece, brier, logLoss, intervals } = made.calibration;
  expect(brier).toBeCloseTo((0.1 ** 2 + 0.6 ** 2 + 0.6 ** 2 + 0.2 ** 2 + 0.1 ** 2) / 5, 12);
  expect(logLoss).toBeCloseTo(-Math.log(0.9 * 0.4 * 0.4 * 0.8 * 0.9) / 5, 12);
  expect(intervals.ece.low).toBeLessThanOrEqual(ece);
  expect(intervals.brier.high).toBeGreaterThan(brier);
  const report = readFileSync(join(folder, "out", "report.html"), "utf8");
  for (const title of ["Selected at the threshold", "Purity in the sky", "Calibration"])
    expect(report).toContain(title);
});

test("a threshold of the top; columns of the truth and calibrated probabilities are used", () => {
  write(
    "full-truth.csv",
    "id,lens,theta_e,arc_snr,lens_mag,kind",
    ...Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0
        ? `o${i},1,${0.5 + i / 20},${5 + i},${18 + i / 10},lens`
        : `o${i},0,,,,${i % 4 === 1 ? "ring" : "spiral"}`,
    ),
  );
  write(
    "full.csv",
    "id,score,calibrated",
    ...Array.from({ length: 40 }, (_, i) => `o${i},${(i % 2 === 0 ? 40 + i : i) / 80},${i / 400}`),
  );
  const by = "--truth full-truth.csv --positives 'lens = 1' --negatives 'lens = 0'";
  done(`evaluate full.csv ${by} --threshold top=10 --out top`);
  const made = metrics("top");
  expect(made.operatingPoint).toMatchObject({ threshold: 60 / 80, truePositives: 10, falsePositives: 0 });
  expect(made.operatingPoint.chosen).toContain("10 highest scores");
  expect(made.completeness.along.map(({ column }: { column: string }) => column)).toEqual([
    "theta_e",
    "arc_snr",
    "lens_mag",
  ]);
  const theta = made.completeness.along[0].bins;
  expect(theta.reduce((sum: number, { found }: { found: number }) => sum + found, 0)).toBe(10);
  expect(theta.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(20);
  expect(theta.at(-1).recall.value).toBe(1);
  expect(theta[0].recall.value).toBe(0);
  expect(
    made.falsePositivesByKind.map(({ kind, negatives }: { kind: string; negatives: number }) => [
      kind,
      negatives,
    ]),
  ).toEqual([
    ["ring", 10],
    ["spiral", 10],
  ]);
  expect(made.calibrated).toMatchObject({ by: "column calibrated", prior: null });
  for (const name of ["completeness-theta_e", "completeness-map", "reliability-calibrated"])
    expect(readFileSync(join(folder, "top", "figures", `${name}.svg`), "utf8")).toMatch(/^<\?xml .*\n<svg /);
});

test.each([
  [
    "a score that is not finite",
    ["a,0.9", "b,nan", "d,0.1"],
    /bad\.csv row 2: score must be a finite number, got nan/,
  ],
  [
    "a score that is no number",
    ["a,0.9", "b,high"],
    /bad\.csv row 2: score must be a finite number, got high/,
  ],
  ["an id that stands there twice", ["a,0.9", "b,0.3", "b,0.2"], /bad\.csv: id b occurs 2 times/],
  [
    "judged ids without a score",
    ["a,0.9", "e,0.2"],
    /no score for 3 of the 5 judged ids of truth\.csv, the first is 007/,
  ],
  [
    "scores without labels",
    ["1,0.9", "2,0.2"],
    /no score for 5 of the 5 judged ids.*ids of the scores without truth are like 1/,
  ],
])(
  "%s is refused in one line",
  (_, rows, message) => {
    write("bad.csv", "id,score", ...rows);
    refused(message, against("bad.csv"));
  },
  60_000,
);

test("an empty file, and truth of one class only, are refused in one line", () => {
  writeFileSync(join(folder, "bad.csv"), "");
  refused(/bad\.csv: is empty/, against("bad.csv"));
  refused(
    /truth\.csv: both classes are needed, but none of its 6 rows is negative \(grade < 0\)/,
    "evaluate scores.csv --truth truth.csv --positives 'grade >= 2' --negatives 'grade < 0' --out out",
  );
}, 60_000);

test("a threshold for a wished completeness, from scores and truth, says what it holds for", () => {
  write("lenses.csv", "id,grade", ...Array.from({ length: 19 }, (_, i) => `l${i},3`));
  write("found.csv", "id,score", ...Array.from({ length: 19 }, (_, i) => `l${i},${(i + 1) / 20}`));
  const line = "threshold found.csv --truth lenses.csv --positives 'grade >= 2'";
  const { stdout } = done(`${line} --completeness 0.9 --out threshold.json`);
  // The ⌈20 · 0.9⌉ = 18th highest of 19.
  expect(stdout).toMatch(/^threshold 0\.1\n/);
  expect(stdout).toContain("with a probability of 0.9 or more, chosen on 19 positives");
  expect(stdout).toContain("It holds for objects drawn as the rows of lenses.csv with grade >= 2 were.");
  expect(JSON.parse(readFileSync(join(folder, "threshold.json"), "utf8"))).toMatchObject({
    threshold: 0.1,
    completeness: 0.9,
    places: 19,
  });
  refused(/positives must be 99 or more for a completeness of 0\.99, got 19/, `${line} --completeness 0.99`);
}, 60_000);
