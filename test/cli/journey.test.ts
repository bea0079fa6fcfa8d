/** The whole way through the command line, on small data: what an astronomer types, and what goes wrong for them. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "arclet-journey-"));
const at = (...names: string[]) => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

function arclet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync("node", ["bin/arclet.mjs", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

function done(...args: string[]) {
  const result = arclet(...args);
  expect(result.stderr.split("\n").filter((line) => line.startsWith("arclet:"))).toEqual([]);
  expect(result.status).toBe(0);
  return result;
}

/** A refusal: exit code 2 and one line that matches, after any progress. */
function refused(message: RegExp, ...args: string[]) {
  const { status, stderr } = arclet(...args);
  const lines = stderr.trimEnd().split("\n");
  const own = lines.filter((line) => line.startsWith("arclet:"));
  expect(own).toHaveLength(1);
  expect(own[0]).toMatch(message);
  expect(lines.at(-1)).toBe(own[0]);
  expect(status).toBe(2);
}

const SMALL = [
  "--encoder",
  "cnn",
  "--cnn.widths",
  "4,8",
  "--batch",
  "16",
  "--epochs",
  "1",
  "--precision",
  "float32",
];

beforeAll(() => {
  done(
    "simulate",
    at("source"),
    "--survey",
    "hsc",
    "--pixel-scale",
    "0.187",
    "--count",
    "96",
    "--size",
    "24",
  );
  done(
    "simulate",
    at("target"),
    ...["--count", "96", "--size", "24", "--seed", "1", "--test-fraction", "0.5"],
  );
  done("train", at("source"), ...["--method", "source-only", "--out", at("so")], ...SMALL);
  done(
    "train",
    at("source"),
    at("target"),
    ...["--from", at("so"), "--out", at("adda")],
    "--adda.epochs",
    "1",
  );
}, 120_000);

test("the same seed simulates the same pixels, and another seed other ones", () => {
  const again = ["--survey", "hsc", "--pixel-scale", "0.187", "--count", "96", "--size", "24"];
  done("simulate", at("again"), ...again);
  done("simulate", at("other"), ...again, "--seed", "7");
  const pixels = (name: string) => readFileSync(at(name, "images-00000.npy"));
  expect(pixels("again").equals(pixels("source"))).toBe(true);
  expect(pixels("other").equals(pixels("source"))).toBe(false);
});

test("a run's folder holds its configuration, log, models and where each value came from", () => {
  const config = JSON.parse(readFileSync(at("adda", "config.json"), "utf8"));
  expect(config.origin).toMatchObject({ "adda.epochs": "flag", "adda.lr": "default" });
  for (const name of ["log.jsonl", "model.safetensors", "model-last.safetensors", "checkpoints"])
    expect(existsSync(at("adda", name))).toBe(true);
});

test("scores are ranked, the same twice, and the same as Parquet", () => {
  done("score", at("target"), at("adda"), "--out", at("a.csv"));
  done("score", at("target"), at("adda"), "--out", at("b.csv"));
  const text = readFileSync(at("a.csv"), "utf8");
  expect(readFileSync(at("b.csv"), "utf8")).toBe(text);
  const [head, ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  expect(head).toEqual(["id", "rank", "score", "p_not-lens", "p_lens"]);
  expect(rows).toHaveLength(96);
  const scores = rows.map((row) => Number(row[2]));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  for (const row of rows) expect(Number(row[3]) + Number(row[4])).toBeCloseTo(1, 5);
  done("score", at("target"), at("adda"), "--out", at("a.parquet"));
  writeFileSync(at("truth.csv"), `id,grade\n${rows.map((row, k) => `${row[0]},${k % 3}`).join("\n")}\n`);
  const flags = ["--truth", at("truth.csv"), "--positives", "grade >= 2", "--negatives", "grade < 1"];
  const csv = done("evaluate", at("a.csv"), ...flags, "--out", at("by-csv")).stdout;
  const parquet = done("evaluate", at("a.parquet"), ...flags, "--out", at("by-parquet")).stdout;
  const plain = (text: string) => text.replaceAll("parquet", "csv").replace(/[ ─]+/g, " ");
  expect(plain(parquet)).toBe(plain(csv));
});

test("two models give the mean of their probabilities", () => {
  const lens = (...models: string[]) => {
    done("score", at("target"), ...models, "--out", at("mean.csv"));
    const rows = readFileSync(at("mean.csv"), "utf8").trimEnd().split("\n").slice(1);
    return new Map(rows.map((row) => [row.split(",")[0]!, Number(row.split(",")[2])]));
  };
  const [a, b, both] = [lens(at("so")), lens(at("adda")), lens(at("so"), at("adda"))];
  for (const [id, score] of both) expect(score).toBeCloseTo((a.get(id)! + b.get(id)!) / 2, 6);
});

test("evaluating opens the seal, logs it, and says how often it was open before", () => {
  const one = ["evaluate", at("so"), at("adda"), "--data", at("target")];
  done(...one, "--out", at("first"));
  done(...one, "--out", at("second"));
  const seal = (name: string) => JSON.parse(readFileSync(at(name, "metrics.json"), "utf8")).seal;
  expect([seal("first").openedBefore, seal("second").openedBefore]).toEqual([0, 1]);
  expect(readFileSync(at("target", "seal.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(2);
  const { results } = JSON.parse(readFileSync(at("first", "metrics.json"), "utf8"));
  expect(results.map((one: { checkpoint: string }) => one.checkpoint)).toEqual([
    "chosen",
    "last",
    "chosen",
    "last",
  ]);
  const report = readFileSync(at("first", "report.html"), "utf8");
  expect(report).toContain("opened");
  expect(report).not.toMatch(/(src|href)="https?:/);
});

test("what can't be used is refused in one line that names it", () => {
  refused(
    /nowhere.*no such file or folder/,
    "train",
    at("nowhere"),
    "--method",
    "source-only",
    "--out",
    at("x"),
  );
  refused(/target.*given/, "train", at("source"), "--out", at("x"), ...SMALL);
  refused(
    /out.*not there yet/,
    "train",
    at("source"),
    "--method",
    "source-only",
    "--out",
    at("so"),
    ...SMALL,
  );
  refused(
    /seed 0, now 5/,
    "train",
    at("source"),
    "--method",
    "source-only",
    "--out",
    at("so"),
    ...SMALL,
    "--seed",
    "5",
    "--resume",
  );
  refused(/taken/, "simulate", at("source"), "--count", "10");
  refused(/survey/, "simulate", at("x"), "--survey", "sdss");
  refused(/prevalence.*got "2"/, "simulate", at("x"), "--prevalence", "2");
  refused(
    /not an Arclet model|no model\.safetensors/,
    "score",
    at("target"),
    at("source"),
    "--out",
    at("x.csv"),
  );
  refused(/--data/, "evaluate", at("so"), "--out", at("x"));
  refused(
    /no-such-column|not found/,
    "evaluate",
    at("a.csv"),
    "--truth",
    at("truth.csv"),
    ...["--positives", '"no-such-column" > 1', "--negatives", "grade < 1", "--out", at("x")],
  );
  expect(existsSync(at("x"))).toBe(false);
}, 120_000);

test("a dataset whose file was cut short, or of another pixel size or kind, is refused by name", () => {
  cpSync(at("target"), at("cut"), { recursive: true });
  truncateSync(at("cut", "images-00000.npy"), 20_000);
  refused(/cut.images-00000\.npy/, "score", at("cut"), at("so"), "--out", at("x.csv"));
  done("simulate", at("coarse"), "--pixel-scale", "0.3", "--count", "8", "--size", "24");
  refused(/pixel scale of 0\.3 arcsec/, "score", at("coarse"), at("so"), "--out", at("x.csv"));
  done("simulate", at("flux"), "--pixels", "flux", "--count", "8", "--size", "24");
  refused(/flux|bands/, "score", at("flux"), at("so"), "--out", at("x.csv"));
  done("simulate", at("large"), "--count", "8", "--size", "32");
  refused(/3 × 32 × 32/, "score", at("large"), at("so"), "--out", at("x.csv"));
}, 120_000);

test("a source whose objects are in the target too is refused", () => {
  refused(/both|shared|sim-hsc/, "train", at("source"), at("again"), ...SMALL, "--out", at("x"));
});
