/** A comparison through the command line: cut off and gone on with, failing in part, made again from its scores. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { NpyReader } from "../../src/dataset/npy.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, environment, program } from "./arclet.ts";

const folder = folderWith("source", "target");
const { done, arclet, refused } = commandLine(folder);
const at = (...names: string[]) => join(folder, ...names);
const text = (...names: string[]) => readFileSync(at(...names), "utf8");
const json = (...names: string[]) => JSON.parse(text(...names));

const spec = (
  out: string,
  seeds: string,
  rows = "  adda: { settings: { adda: { epochs: 1, batch: 16, lr: 0.01 } } }\n",
) => `
source: source
target: target
out: ${out}
encoders: { small: { encoder: cnn, cnn.widths: [4, 8] } }
methods:
  source-only:
${rows}settings: { epochs: 1, batch: 16, precision: float32, lr: 0.01 }
seeds: [${seeds}]
parallel: 2
oracle: true
ensembles: [{ by: mean }, { by: stack, rows: [source-only, adda], name: all }]
`;

beforeAll(() => {
  writeFileSync(at("c.yaml"), spec("whole", "0, 1"));
  writeFileSync(at("cut.yaml"), spec("cut", "0"));
  done("compare c.yaml");
});

/** Lines of a table by column, without the times. */
function table(...names: string[]): Record<string, string>[] {
  const [head, ...rows] = text(...names)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) =>
    Object.fromEntries(head!.map((name, k) => [name, name === "seconds" ? "" : row[k]!])),
  );
}
const rowOf = (row: string, kind: string, seed = "") =>
  table("whole", "table.csv").find((one) => one.row === row && one.epoch_kind === kind && one.seed === seed)!;

test("the same command resumes a killed comparison, to the same table, with one opening of the seal", async () => {
  const child = spawn("node", [program, "compare", "cut.yaml"], {
    cwd: folder,
    env: environment(),
    stdio: "ignore",
  });
  const trained = () =>
    existsSync(at("cut")) &&
    readdirSync(at("cut")).some((name) => existsSync(at("cut", name, "model.safetensors")));
  while (!trained()) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.on("close", resolve));
  expect(existsSync(at("cut", "table.csv"))).toBe(false);
  expect(done("compare cut.yaml").stdout).toContain("trained before");
  const runs = (out: string) => table(out, "table.csv").filter(({ seed }) => seed === "0");
  expect(runs("cut")).toHaveLength(6);
  expect(runs("cut")).toEqual(runs("whole"));
  const openings = text("target", "seal.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(openings.map(({ run, split }) => [run, split])).toEqual([
    ["whole", "test"],
    ["cut", "test"],
  ]);
});

test("every run's every epoch has a row; what the oracle chose is marked in every table, and nothing else", () => {
  const rows = table("whole", "table.csv");
  const runs = ["source-only", "adda"].flatMap((row) => ["0", "1"].map((seed) => `${row} ${seed}`));
  for (const kind of ["chosen", "last", "oracle"])
    expect(
      rows
        .filter((one) => one.epoch_kind === kind)
        .map((one) => `${one.row} ${one.seed}`)
        .sort(),
    ).toEqual([...runs].sort());
  for (const one of rows) expect(one.marks).toBe(one.epoch_kind === "oracle" ? "oracle" : "");
  expect(text("whole", "table.md")).toMatch(/\| adda +\| oracle .* oracle +\|\n/);
  const { results, seal } = json("whole", "metrics.json");
  expect(results).toHaveLength(rows.length);
  expect(seal).toMatchObject({ split: "test", openedBefore: 0 });
  for (const { checkpoint, marks } of results) expect(marks.includes("oracle")).toBe(checkpoint === "oracle");
  // The oracle's epoch is the best that the log knows of.
  expect(Number(rowOf("adda", "oracle", "0").auroc)).toBeGreaterThanOrEqual(
    Number(rowOf("adda", "chosen", "0").auroc),
  );
  expect(text("whole", "table.md")).toMatch(/Validators, against the known truth[\s\S]*infomax/);
  const report = text("whole", "report.html");
  expect(report).toContain("EfficientNet-B2");
  expect(report).toContain("<svg");
});

/** Logits (N, 2) that a run keeps. */
function logits(run: string, of: string): number[][] {
  const reader = new NpyReader(at("whole", run, "scores", `${of}-chosen.npy`));
  const values = reader.read(0, reader.length);
  reader.close();
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
}
const members = ["source-only", "adda"].flatMap((row) => [0, 1].map((seed) => `small-${row}-${seed}`));
const labelsOf = (file: string): number[] => {
  const { classes, labels } = json("whole", file);
  return labels.map((label: number) => Number(classes[label] === "lens"));
};
/** The AUROC by all pairs. */
function area(scores: readonly number[], labels: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  for (const [i, a] of scores.entries())
    for (const [j, b] of scores.entries())
      if (labels[i] === 1 && labels[j] === 0) {
        pairs++;
        wins += a > b ? 1 : a === b ? 0.5 : 0;
      }
  return wins / pairs;
}

test("rows are what the kept scores say: one run's, and the mean of the seeds' probabilities", () => {
  const labels = labelsOf("test-rows.json");
  const lens = (run: string) => logits(run, "test").map(([a, b]) => 1 / (1 + Math.exp(a! - b!)));
  expect(Number(rowOf("adda", "chosen", "1").auroc)).toBeCloseTo(area(lens("small-adda-1"), labels), 12);
  const [one, two] = [lens("small-adda-0"), lens("small-adda-1")];
  const mean = one.map((p, i) => (p + two[i]!) / 2);
  expect(Number(rowOf("adda", "mean").auroc)).toBeCloseTo(area(mean, labels), 12);
});

test("the stacker is a logistic regression on the members' log-odds, fitted on the source's val split", () => {
  const odds = (of: string) => members.map((run) => logits(run, of).map(([a, b]) => b! - a!));
  const [fit, scored] = [odds("val"), odds("test")];
  const scale = fit.map((column) => {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    return [mean, Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length)] as const;
  });
  const design = (columns: number[][]) =>
    columns[0]!.map((_, i) => [...columns.map((column, m) => (column[i]! - scale[m]![0]) / scale[m]![1]), 1]);
  const X = design(fit);
  const y = labelsOf("source-val-rows.json");
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
  // Gradient descent on the sum of cross-entropies and half the squared weights, all but the constant's.
  let w = [0, 0, 0, 0, 0];
  for (let step = 0; step < 20_000; step++) {
    const off = X.map((row, i) => 1 / (1 + Math.exp(-dot(row, w))) - y[i]!);
    w = w.map(
      (value, k) => value - 0.02 * (X.reduce((s, row, i) => s + row[k]! * off[i]!, 0) + (k < 4 ? value : 0)),
    );
  }
  const scores = design(scored).map((row) => dot(row, w));
  expect(Number(rowOf("all", "stack").auroc)).toBeCloseTo(area(scores, labelsOf("test-rows.json")), 12);
});

test("a row that fails stops no other: it is named with its reason, in the table and by the exit code", () => {
  const broken = "  broken: { method: adda, settings: { adda: { epochs: 1, batch: 16, lr: 1e38 } } }\n";
  const good = "  adda: { settings: { adda: { epochs: 1, batch: 16, lr: 0.01 } } }\n";
  writeFileSync(at("more.yaml"), spec("cut", "0", good + broken));
  const before = table("cut", "table.csv");
  const { status, stderr, stdout } = arclet("compare more.yaml");
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /arclet: compare: 1 of 3 runs failed, first small-broken-0: .*(NaN|Infinity|finite)/,
  );
  expect(stdout).toMatch(/Runs that failed[\s\S]*broken +0/);
  const after = table("cut", "table.csv");
  expect(after.filter((one) => one.epoch_kind !== "failed")).toEqual(before);
  expect(after.filter((one) => one.epoch_kind === "failed").map((one) => one.row)).toEqual(["broken"]);
  // The table had been seen when the row was added.
  expect(json("cut", "metrics.json").seal.openedBefore).toBe(2);
});

test("tables are made again without the datasets; a run with other settings is refused by name", () => {
  const before = text("whole", "table.csv");
  rmSync(at("whole", "table.csv"));
  for (const name of ["source", "target"]) renameSync(at(name), at(`${name}-away`));
  done("compare --out whole --table-only");
  expect(text("whole", "table.csv")).toBe(before);
  for (const name of ["source", "target"]) renameSync(at(`${name}-away`), at(name));
  writeFileSync(at("other.yaml"), spec("whole", "0, 1").replace("lr: 0.01 } } }", "lr: 0.02 } } }"));
  refused(/whole.small-adda-0: was trained with adda\.lr 0\.01, now 0\.02/, "compare other.yaml");
  refused(/--seeds must be left out, since c\.yaml sets it/, "compare c.yaml --seeds 4");
});

test("a dry run lists the runs and writes nothing", () => {
  const { stdout } = done(
    "compare source target --encoders cnn --seeds 5 --methods adda --out dry --dry-run",
  );
  expect(stdout).toMatch(/cnn-source-only-5 .*\n.*cnn-adda-5 +cnn +adda +5 +cnn-source-only-5 /);
  expect(stdout).toMatch(/2 runs, \d+ at a time, about /);
  expect(existsSync(at("dry"))).toBe(false);
});
