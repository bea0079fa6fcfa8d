import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveConfig } from "../../../src/foundation/config.ts";
import { ArcletError } from "../../../src/foundation/errors.ts";
import { readJson } from "../../../src/foundation/files.ts";
import { liveTensors } from "../../../src/torch/scope.ts";
import { plannedRuns } from "../../../src/train/comparing/plan.ts";
import { checkEncoders, trainAll } from "../../../src/train/comparing/run.ts";
import { checkedSpec } from "../../../src/train/comparing/spec.ts";
import { type TrainConfig, trainSchema } from "../../../src/train/config.ts";
import { readRecords } from "../../../src/train/log.ts";
import { readModelInfo } from "../../../src/train/model.ts";
import type { TrainByFile } from "../../../src/train/runs/process.ts";
import { train } from "../../../src/train/train.ts";
import { slow } from "../../slow.ts";
import { temporaryFolder, writeSource, writeTarget } from "../../tiny/domains.ts";
import { settledTensors } from "../../torch/leaks.ts";

slow("trains several runs a test");

const folder = temporaryFolder();
afterAll(folder.remove);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path, {
    count: 40,
    split: (i) => (i < 20 ? "train" : "test"),
    label: (i) => i % 2,
  });
});

/** As `arclet train --config`, in this process; the models record when they were made. */
const trainHere =
  (made: string): TrainByFile =>
  async (file, resume) => {
    const values = readJson(file) as Record<string, unknown>;
    const schema = trainSchema(String(values.method), String(values.encoder));
    const { values: config, origin } = resolveConfig("train", schema, {
      file: { path: file, values: { ...values, resume } },
    });
    try {
      await train(config as TrainConfig, origin, { provenance: { made } });
      return "";
    } catch (error) {
      if (error instanceof ArcletError) return error.message;
      throw error;
    }
  };

const specOf = (out: string, more: Record<string, unknown> = {}) =>
  checkedSpec(
    {
      source,
      target,
      out: join(folder.path, out),
      encoders: { cnn: { "cnn.widths": [4, 6], "head.width": 5 } },
      methods: { "source-only": null, adabn: { settings: { "adabn.epochs": 1, "adabn.batch": 6 } } },
      settings: { epochs: 3, batch: 8, lr: 0.02, precision: "float32" },
      seeds: [0],
      ...more,
    },
    "test",
  );

async function run(out: string, more: Record<string, unknown> = {}, made = "first") {
  const spec = specOf(out, more);
  const told: [string, string, boolean][] = [];
  const failures = await trainAll(
    plannedRuns(spec, "test"),
    { out: spec.out, jobs: 2, trainByFile: trainHere(made) },
    ({ name }, reason, stood) => void told.push([name, reason, stood]),
  );
  return { failures, told, at: (...names: string[]) => join(spec.out, ...names) };
}

test("the oracle's epoch is kept as a separate, marked model; the chosen and the last are not affected", async () => {
  const { failures, at } = await run("oracle", { oracle: true });
  expect([...failures]).toEqual([]);
  const records = readRecords(at("cnn-source-only-0"));
  const truths = records.map(({ validators }) => validators.oracle!);
  const { info } = readModelInfo(at("cnn-source-only-0", "model-oracle.safetensors"));
  expect(info).toMatchObject({
    epoch: 1 + truths.lastIndexOf(Math.max(...truths)), // of equal ones the latest
    chosenBy: "oracle",
    oracle: true,
  });
  expect(readModelInfo(at("cnn-source-only-0", "model-last.safetensors")).info).toMatchObject({
    epoch: 3,
    oracle: false,
  });
  expect(readModelInfo(at("cnn-adabn-0")).info).toMatchObject({ chosenBy: "infomax", oracle: false });
});

test("checkpoints of trained runs are removed, unless all are kept; such a run can't be resumed", async () => {
  const { at } = await run("tidy");
  const kept = await run("untidy", {
    settings: { epochs: 1, batch: 8, lr: 0.02, precision: "float32", keep: "all" },
  });
  expect(readdirSync(at("cnn-source-only-0", "checkpoints"))).toEqual([]);
  expect(readdirSync(kept.at("cnn-source-only-0", "checkpoints"))).not.toEqual([]);
  const { config } = plannedRuns(specOf("tidy"), "test")[0]!;
  await expect(train({ ...config, resume: true })).rejects.toThrow(
    /cnn-source-only-0: is fully trained, and its checkpoints are gone/,
  );
});

test("a run whose start failed is not trained, with that reason; a trained run is not trained again", async () => {
  const broken = {
    methods: { "source-only": { settings: { lr: 1e38 } }, adabn: null, dann: { from: null } },
  };
  const first = await run("broken", {
    ...broken,
    settings: { epochs: 1, batch: 8, "dann.epochs": 1, "dann.batch": 6 },
  });
  expect(first.failures.get("cnn-source-only-0")).toMatch(/NaN|Infinity/);
  expect(first.failures.get("cnn-adabn-0")).toBe("starts from cnn-source-only-0, which failed");
  expect(first.failures.has("cnn-dann-0")).toBe(false);
  expect(existsSync(first.at("cnn-adabn-0"))).toBe(false);
  const again = await run("broken", {
    ...broken,
    settings: { epochs: 1, batch: 8, "dann.epochs": 1, "dann.batch": 6 },
  });
  expect(again.told.find(([name]) => name === "cnn-dann-0")).toEqual(["cnn-dann-0", "", true]);
});

test("an encoder that can't be built is refused before anything runs, and leaves no tensor behind", async () => {
  const before = await settledTensors();
  const wrong = specOf("encoders", { encoders: { equivariant: { "equivariant.fields": [4, 8] } } });
  await expect(checkEncoders(plannedRuns(wrong, "test"))).rejects.toThrow(
    "encoder equivariant: kernels must be a list of 2",
  );
  await checkEncoders(plannedRuns(specOf("encoders"), "test"));
  expect(liveTensors()).toBeLessThanOrEqual(before);
});

test("a run is refused after its start was trained again, and with another dataset or other values", async () => {
  const { at } = await run("stands");
  await expect(
    run("stands", { settings: { epochs: 3, batch: 9, lr: 0.02, precision: "float32" } }),
  ).rejects.toThrow("cnn-source-only-0: was trained with batch 8, now 9");
  const other = await writeSource(join(folder.path, "other"), { count: 39 });
  await expect(run("stands", { source: other })).rejects.toThrow(
    /cnn-source-only-0: was trained with another source/,
  );
  rmSync(at("cnn-source-only-0"), { recursive: true });
  const { failures } = await run("stands", {}, "anew");
  expect(failures.get("cnn-adabn-0")).toMatch(/cnn-adabn-0: was trained with another from: model/);
  expect(failures.size).toBe(1);
});
