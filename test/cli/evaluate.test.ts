/** `arclet evaluate`: runs on a sealed split, and score tables, whatever an astronomer's tables may be. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adda", "of-pictures", "coarse");
const { done, refused } = commandLine(folder);
const at = (...names: string[]) => join(folder, ...names);
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));
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
    /bad\.csv row 2: score must be a finite number, got "nan"/,
  ],
  [
    "a score that is no number",
    ["a,0.9", "b,high"],
    /bad\.csv row 2: score must be a finite number, got "high"/,
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
    /no score for 5 of the 5 judged ids.*ids of the scores without truth look like 1/,
  ],
])("%s is refused in one line", (_, rows, message) => {
  write("bad.csv", "id,score", ...rows);
  refused(message, against("bad.csv"));
});

test("an empty file, and truth of one class only, are refused in one line", () => {
  writeFileSync(join(folder, "bad.csv"), "");
  refused(/bad\.csv: is empty/, against("bad.csv"));
  refused(
    /truth\.csv: both classes are needed, but none of its 6 rows is negative \(grade < 0\)/,
    "evaluate scores.csv --truth truth.csv --positives 'grade >= 2' --negatives 'grade < 0' --out out",
  );
});

test("evaluating opens the seal, logs it, and says how often it was open before", () => {
  for (const name of ["first", "second"])
    done(`evaluate so adda --data target --prior-from none --out ${name}`);
  const openedBefore = (name: string) => json(name, "metrics.json").seal.openedBefore;
  expect([openedBefore("first"), openedBefore("second")]).toEqual([0, 1]);
  expect(readFileSync(at("target", "seal.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(2);
  const { results } = json("first", "metrics.json") as { results: { checkpoint: string }[] };
  expect(results.map(({ checkpoint }) => checkpoint)).toEqual(["chosen", "last", "chosen", "last"]);
  const { metrics } = json("first", "metrics.json").results[0];
  expect(metrics.calibrated).toMatchObject({
    by: expect.stringMatching(/^bias-corrected temperature .*source's prior$/),
  });
  expect(metrics.completeness.along.map(({ column }: { column: string }) => column)).toContain("theta_e");
  expect(metrics.falsePositivesByKind.length).toBeGreaterThan(1);
  done("evaluate adda --data target --threshold source --out by-source");
  const point = json("by-source", "metrics.json").results[0].metrics.operatingPoint;
  expect(point.chosen).toContain("source's validation rows");
  expect(existsSync(at("first", "figures", "completeness-map.svg"))).toBe(true);
  const report = readFileSync(at("first", "report.html"), "utf8");
  expect(report).toContain("Completeness map");
  // One epoch each, chosen and last at once; the gain over the run without adaptation comes first.
  expect(report).toContain("so (chosen and last)");
  expect(report).not.toMatch(/(so|adda) \((chosen|last)\)/);
  expect(/<dt>([^<]*)<\/dt>/.exec(report)![1]).toBe("AUROC gained over source-only, adda less so");
  expect(report).toContain("opened");
  expect(report).not.toMatch(/(src|href)="https?:/);
});

test("data of other pixels are resampled where it is asked for, and refused before the seal is opened", () => {
  const seal = join(folder, "coarse", "seal.jsonl");
  refused(
    /coarse.*pixel scale of 0\.25|pixel scale of 0\.25.*--resample/,
    "evaluate of-pictures --data coarse --out x",
  );
  expect(existsSync(seal)).toBe(false);
  const { stdout } = done("evaluate of-pictures --data coarse --resample --out judged");
  expect(stdout).toMatch(/of-pictures: images are resampled from 24 × 24 pixels of 0.25 arcsec/);
  // The chosen model is the last one too, of which the same is to be said.
  expect(stdout.match(/of-pictures: warning: the prior by em/g)).toHaveLength(1);
  expect(readFileSync(seal, "utf8").trimEnd().split("\n")).toHaveLength(1);
});

test("what can't be judged is refused in one line, and nothing is left", () => {
  refused(/--data/, "evaluate so --out x");
  const grades = `--truth truth.csv --positives '"no-such-column" > 1' --negatives 'grade < 1'`;
  refused(/no-such-column|not found/, `evaluate scores.csv ${grades} --out x`);
  expect(existsSync(at("x"))).toBe(false);
});
