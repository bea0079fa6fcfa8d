import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { methods } from "../../../src/adapt/registry.ts";
import { resolveConfig } from "../../../src/foundation/config.ts";
import type { ErrorCode } from "../../../src/foundation/errors.ts";
import { mean } from "../../../src/foundation/statistics.ts";
import { type TrainConfig, trainSchema } from "../../../src/train/config.ts";
import type { TrainByFile } from "../../../src/train/runs/process.ts";
import { train } from "../../../src/train/train.ts";
import { best, rungsOf } from "../../../src/train/tuning/halving.ts";
import {
  budgetKey,
  defaultRanges,
  drawValues,
  rangeOf,
  trialValues,
} from "../../../src/train/tuning/space.ts";
import { bestValues } from "../../../src/train/tuning/trial.ts";
import { tune } from "../../../src/train/tuning/tune.ts";
import { slow } from "../../slow.ts";
import { temporaryFolder, writeSource, writeTarget } from "../../tiny/domains.ts";

slow("trains a run a trial");

const folder = temporaryFolder();
afterAll(folder.remove);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path);
});

test("grades of the file that trials share reach each of them", () => {
  const shared = {
    source,
    target,
    out: "o",
    method: "fine-tune",
    encoder: "cnn",
    graded: "g.csv",
    gradedSoft: "p",
  };
  const own = { "fineTune.lr": 1e-5 };
  const values = trialValues("fine-tune", "cnn", shared, own);
  expect(values).toMatchObject({ graded: "g.csv", gradedSoft: "p", "fineTune.lr": 1e-5 });
  expect(budgetKey("fine-tune")).toBe("fineTune.epochs");
  expect(defaultRanges("sda", "cnn").map(({ key }) => key)).toEqual(["sda.lr", "sda.margin"]);
});

test("ranges are read by train's keys, and anything else is refused", () => {
  expect(rangeOf("adda.lr=1e-6..1e-3", "adda", "cnn")).toEqual({
    key: "adda.lr",
    kind: "between",
    low: 1e-6,
    high: 1e-3,
    whole: false,
  });
  expect(rangeOf("adda.batchNorm=source|target", "adda", "cnn")).toMatchObject({
    choices: ["source", "target"],
  });
  const refused = (text: string) => expect(() => rangeOf(text, "adda", "cnn"));
  refused("dann.lr=1..2").toThrow("tune: dann.lr is not a setting of train with adda and cnn");
  refused("adda.lr=2..1").toThrow("must be varied as adda.lr=LOW..HIGH");
  refused("adda.lr=0.1").toThrow("must be varied as");
  refused("adda.batchNorm=1..2").toThrow("must be varied as");
});

test("a key alone is varied over the range that its method or encoder declares", () => {
  const declared = (key: string) => rangeOf(key, "adda", "equivariant");
  const between = { kind: "between", whole: false };
  expect(declared("adda.weightDecay")).toEqual({
    key: "adda.weightDecay",
    ...between,
    low: 1e-6,
    high: 1e-2,
  });
  // Less than a decade, but log-uniform: the range says so.
  expect(declared("equivariant.sigma")).toEqual({
    ...{ key: "equivariant.sigma", ...between, low: 0.3, high: 1.5, scale: "log" },
  });
  expect(declared("lr")).toEqual({ key: "lr", ...between, low: 1e-4, high: 1e-2 });
  expect(declared("adda.batchNorm")).toMatchObject({ kind: "one of", choices: ["source", "target"] });
  expect(rangeOf("coral.sourceFirst", "coral", "cnn")).toMatchObject({ choices: ["true", "false"] });
  for (const key of ["adda.epochs", "adda.discriminator", "seed"])
    expect(() => declared(key)).toThrow(`tune: ${key} must be varied as ${key}=LOW..HIGH or ${key}=A|B`);
});

test("draws follow a declared scale, whatever the range's width", () => {
  const range = { key: "a", kind: "between", low: 1, high: 4, whole: false } as const;
  const meanOf = (scale: "linear" | "log") =>
    mean(Array.from({ length: 2000 }, (_, trial) => drawValues([{ ...range, scale }], 5, trial).a as number));
  expect(meanOf("linear")).toBeCloseTo(2.5, 1);
  expect(meanOf("log")).toBeCloseTo(3 / Math.log(4), 1);
});

test("draws depend on the trial, are within the range, and log-uniform", () => {
  const ranges = [rangeOf("adda.lr=1e-6..1e-2", "adda", "cnn"), rangeOf("adda.batch=8..12", "adda", "cnn")];
  const drawn = Array.from({ length: 200 }, (_, trial) => drawValues(ranges, 1, trial));
  expect(drawValues(ranges, 1, 7)).toEqual(drawn[7]);
  const rates = drawn.map((one) => one["adda.lr"] as number);
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-6);
  expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
  const below = rates.filter((rate) => rate < 1e-4).length; // the middle in the logarithm
  expect(Math.abs(below - 100)).toBeLessThan(30);
  expect(new Set(drawn.map((one) => one["adda.batch"]))).toEqual(new Set([8, 9, 10, 11, 12]));
});

test("rungs hold fewer and fewer trials with more and more epochs, and the best are promoted", () => {
  expect(rungsOf(9, 3, 3, 18)).toEqual([
    { trials: 9, epochs: 2 },
    { trials: 3, epochs: 6 },
    { trials: 1, epochs: 18 },
  ]);
  const scores = new Map([
    [0, 0.2],
    [1, null],
    [2, 0.9],
    [3, 0.9],
  ]);
  expect(best(scores, 2)).toEqual([2, 3]);
  expect(best(scores, 9)).toEqual([2, 3, 0]);
});

test("the defaults vary a method's rates and weights; the budget is its epochs", () => {
  expect(defaultRanges("adda", "cnn").map(({ key }) => key)).toEqual(["adda.lr", "adda.discriminatorLr"]);
  expect(defaultRanges("coral", "cnn").map(({ key }) => key)).toContain("coral.weight");
  for (const method of ["source-only", "target-only", "adabn"])
    expect(defaultRanges(method, "cnn")).toEqual([
      { key: "lr", kind: "between", low: 1e-4, high: 1e-2, whole: false },
    ]);
  const varied = Object.fromEntries(
    methods.names.map((method) => [method, defaultRanges(method, "cnn").map(({ key }) => key.split(".")[1])]),
  );
  expect(varied).toMatchObject({
    ...{ adda: ["lr", "discriminatorLr"], "self-ensembling": ["lr"], adamatch: ["lr"] },
    ...{ dann: ["lr", "weight"], cdan: ["lr", "weight"], dan: ["lr", "weight"], coral: ["lr", "weight"] },
    ...{ mcc: ["lr", "weight"], wdgrl: ["lr", "weight", "criticLr"], sidda: ["lr", "blur", "etaLr"] },
  });
  expect(budgetKey("self-ensembling")).toBe("selfEnsembling.epochs");
  expect(budgetKey("source-only")).toBe("epochs");
});

test("tuning trains its trials, sets failures aside with their reason, halves, and trains nothing twice", async () => {
  const out = join(folder.path, "search");
  let runs = 0;
  const trainHere: TrainByFile = async (file) => {
    runs++;
    const values = JSON.parse(readFileSync(file, "utf8"));
    const { values: config } = resolveConfig("train", trainSchema("adda", "cnn"), { flags: values });
    try {
      await train(config as TrainConfig);
      return "";
    } catch (error) {
      rmSync(String(values.out), { recursive: true, force: true });
      return (error as Error).message;
    }
  };
  const shared = {
    source,
    target,
    "cnn.widths": [4, 6],
    "head.width": 5,
    epochs: 1,
    batch: 8,
    precision: "float32",
  };
  const plan = {
    out,
    method: "adda",
    encoder: "cnn",
    shared: { ...shared, "adda.batch": 6 },
    // The upper end throws numbers out of the range of floats.
    ranges: [rangeOf("adda.lr=1e-5|1e-3|1e38", "adda", "cnn")],
    rungs: rungsOf(5, 2, 2, 2),
    budget: "adda.epochs",
    select: "infomax",
    seed: 3,
    jobs: 1,
  };
  const made = await tune(plan, trainHere, () => {});
  const failed = made.filter(({ score }) => score === null);
  const ran = made.filter(({ score }) => score !== null);
  expect(made.filter(({ rung }) => rung === 0)).toHaveLength(5);
  for (const one of failed) expect(one.reason).toMatch(/is (NaN|-?Infinity)/);
  for (const one of ran) expect(existsSync(join(one.folder, "model.safetensors"))).toBe(true);
  expect(made[0]!.rung).toBe(1);
  expect(made[0]!.epochs).toBe(2);
  const table = readFileSync(join(out, "trials.csv"), "utf8").trim().split("\n");
  expect(table[0]).toBe("trial,rung,epochs,adda.lr,infomax,chosen epoch,seconds,folder,reason");
  expect(table).toHaveLength(made.length + 1);
  expect(bestValues(plan, made[0]!)).toMatchObject({ method: "adda", source });

  // What its values don't explain says nothing of them: the tuning stops, and the same command resumes it.
  const codes = new Map<string, ErrorCode>();
  const full: TrainByFile = async (file) => {
    codes.set(file, "machine");
    return "no space left on the disk";
  };
  await expect(tune({ ...plan, out: `${out}-full` }, full, () => {}, codes)).rejects.toThrow(
    "trial 0: no space left on the disk; the same command resumes the tuning",
  );

  const before = runs;
  const again = await tune(plan, trainHere, () => {});
  expect(again).toEqual(made);
  expect(runs - before).toBe(failed.length);
  await expect(tune({ ...plan, seed: 4 }, trainHere, () => {})).rejects.toThrow(
    "holds a tuning with other settings",
  );
});
