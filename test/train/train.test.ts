import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { chosenEpoch, type EpochRecord } from "../../src/train/log.ts";
import { LAST_MODEL_FILE, loadModel, MODEL_FILE, readModelInfo } from "../../src/train/model.ts";
import { predict, predictRows } from "../../src/train/predict.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { EVENTS_FILE } from "../../src/train/tensorboard.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeDomain, writeSource, writeTarget } from "../tiny/domains.ts";
import { settledTensors } from "../torch/leaks.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path);
});
afterAll(folder.remove);

const config = (out: string, flags: Record<string, unknown> = {}) =>
  configOf({ source, target, out: at(out), ...flags });

/** A model's weights as plain numbers. */
function weights(run: string, file = MODEL_FILE): Record<string, number[]> {
  const { tensors } = readSafetensors(join(at(run), file));
  const plain = [...tensors].map(([name, value]) => [name, value.numbers()] as const);
  for (const value of tensors.values()) value.dispose();
  return Object.fromEntries(plain);
}

test("a run leaves configuration, log, checkpoints and two models that describe themselves", async () => {
  const live = await settledTensors();
  const messages: string[] = [];
  const result = await train(
    config("run", { select: "snd" }),
    { lr: "flag" },
    {
      provenance: { command: "arclet train" },
      say: (line) => messages.push(line),
    },
  );
  expect(liveTensors()).toBeLessThanOrEqual(live);
  expect(messages).toEqual([]); // nothing was left to decide

  const files = readdirSync(at("run")).sort();
  expect(files).toEqual(
    [
      "checkpoints",
      "config.json",
      "curves.jsonl",
      EVENTS_FILE,
      "log.jsonl",
      LAST_MODEL_FILE,
      MODEL_FILE,
    ].sort(),
  );
  const run = readRunConfig(at("run"));
  expect(run.values).toMatchObject({ lr: 0.01, method: "adda", adda: { discriminatorLr: 3e-4 } });
  expect(run.origin).toEqual({ lr: "flag" });
  expect(run.resolved.phases).toEqual([
    { name: "source", epochs: 2, stepsPerEpoch: 3 },
    { name: "adapt", epochs: 2, stepsPerEpoch: 4 },
  ]);
  expect(run.resolved.rows).toEqual({ "source train": 24, "source val": 12, target: 20 });

  expect(result.records.map(({ phase }) => phase)).toEqual(["source", "source", "adapt", "adapt"]);
  const [first, , third] = result.records as [EpochRecord, EpochRecord, EpochRecord];
  expect(Object.keys(first.train)).toEqual(["loss", "accuracy", "lr"]);
  expect(Object.keys(third.train)).toEqual(["lossD", "lossM", "sourceFound", "targetFound", "lr"]);
  expect(Object.keys(third.validators).sort()).toEqual([
    "bnm",
    "dev",
    "entropy",
    "infomax",
    "iwv",
    "mano",
    "mixval",
    "mmd",
    "snd",
    "source-auroc",
  ]);

  // The chosen epoch is the best of the adversarial ones by SND, whatever the epochs before scored.
  const scores = result.records.map(({ validators }) => validators.snd!);
  expect(result.chosen.epoch).toBe(scores[2]! >= scores[3]! ? 3 : 4);
  expect(result.last.epoch).toBe(4);
  const { info } = readModelInfo(at("run"));
  expect(info).toMatchObject({
    encoder: { name: "cnn", config: { widths: [4, 6], kernel: 3 } },
    head: { width: 5 },
    classes: ["other", "lens"],
    shape: [1, 12, 12],
    preprocessing: { kind: "standardise", bands: ["r"], pixelScale: 0.2, pixels: "display" },
    method: "adda",
    epoch: result.chosen.epoch,
    chosenBy: "snd",
  });
  expect(info.provenance).toMatchObject({
    command: "arclet train",
    inputs: { source: { name: "source" }, target: { name: "target" }, from: null },
  });
  expect(readModelInfo(join(at("run"), LAST_MODEL_FILE)).info).toMatchObject({ epoch: 4, chosenBy: null });
});

test("checkpoints: the last and the chosen are kept, or all", async () => {
  const { chosen } = await train(config("kept", { "adda.epochs": 3, select: "entropy" }));
  const wanted = [...new Set([chosen.epoch, 5])].map((epoch) => `epoch-0${epoch}.safetensors`);
  const kept = () => readdirSync(join(at("kept"), "checkpoints")).sort();
  expect(kept()).toEqual(wanted.sort());
  // As a program leaves them that was killed between a checkpoint and its log.
  for (const stale of ["epoch-04", "unfinished"])
    if (!wanted.includes(`${stale}.safetensors`))
      copyFileSync(
        join(at("kept"), "checkpoints", "epoch-05.safetensors"),
        join(at("kept"), "checkpoints", `${stale}.safetensors`),
      );
  await train(config("kept", { "adda.epochs": 3, select: "entropy", resume: true }));
  expect(kept()).toEqual(wanted.sort());
  await train(config("all", { keep: "all" }));
  expect(readdirSync(join(at("all"), "checkpoints"))).toHaveLength(4);
});

test("the log has the share of an epoch that was spent on data", async () => {
  const { records } = await train(config("waiting", { method: "source-only", "adda.epochs": undefined }));
  for (const { dataShare } of records) {
    expect(dataShare).toBeGreaterThan(0);
    expect(dataShare).toBeLessThan(1);
  }
});

test("the epoch is chosen among the selectable ones, the latest of equals", () => {
  const record = (epoch: number, selectable: boolean, score: number): EpochRecord => ({
    epoch,
    phase: "adapt",
    selectable,
    step: 1,
    seconds: 0,
    dataShare: 0.01,
    train: {},
    sources: {},
    validators: { snd: score },
    predicted: [],
    warnings: [],
  });
  const records = [record(1, false, 9), record(2, true, 1), record(3, true, 3), record(4, true, 3)];
  expect(chosenEpoch(records, "snd")?.epoch).toBe(4);
  expect(chosenEpoch([...records, record(5, true, 2.9)], "snd")?.epoch).toBe(4);
  expect(chosenEpoch(records.slice(0, 1), "snd")).toBeUndefined();
});

test("one seed gives one result, another seed another", async () => {
  const flags = { method: "source-only", "adda.epochs": undefined };
  await train(config("seed-a", flags));
  await train(config("seed-b", flags));
  await train(config("seed-c", { ...flags, seed: 1 }));
  expect(weights("seed-b")).toEqual(weights("seed-a"));
  expect(weights("seed-c")["classifier.weight"]).not.toEqual(weights("seed-a")["classifier.weight"]);
});

test("the source is learned, and the target's labels change nothing", async () => {
  const flags = { epochs: 15, lr: 0.02, "head.dropout": 0, "adda.epochs": 1 };
  const { last } = await train(config("true-labels", flags));
  expect(last.validators["source-auroc"]).toBeGreaterThan(0.95);
  // The same images under the same names, every label false.
  const other = temporaryFolder();
  try {
    const lied = await writeTarget(other.path, { label: (i) => 1 - (i % 2), picture: (i) => i % 2 });
    await train(config("false-labels", { ...flags, target: lied }));
    expect(weights("false-labels", LAST_MODEL_FILE)).toEqual(weights("true-labels", LAST_MODEL_FILE));
  } finally {
    other.remove();
  }
});

test("source-only and ADDA of one seed share M_s; ADDA from the run is ADDA on its chosen network", async () => {
  await train(config("plain", { method: "source-only", target: null }));
  const still = { "adda.lr": 0, "adda.weightDecay": 0 };
  await train(config("both-stages", still));
  expect(weights("both-stages")).toEqual(weights("plain", LAST_MODEL_FILE));
  const { records } = await train(config("from-plain", { ...still, from: at("plain") }));
  expect(records.map(({ phase }) => phase)).toEqual(["adapt", "adapt"]);
  expect(weights("from-plain")).toEqual(weights("plain"));
  await train(config("moving", { from: at("plain"), "adda.lr": 0.01 }));
  expect(weights("moving")["encoder.stages.0.conv.weight"]).not.toEqual(
    weights("plain")["encoder.stages.0.conv.weight"],
  );
  expect(weights("moving")["classifier.weight"]).toEqual(weights("plain")["classifier.weight"]);

  const asked = config("other-encoder", { from: at("plain"), "cnn.widths": [8, 8] });
  await expect(train(asked, { "cnn.widths": "flag" })).rejects.toThrow(
    /model.safetensors: must have cnn.widths \[8,8\], got \[4,6\]$/,
  );
});

test("three classes, one band more, and an equivariant encoder train and predict", async () => {
  const [s, t] = await Promise.all(
    [writeSource, writeTarget].map((write, domain) =>
      write(folder.path, {
        name: `three-${domain}`,
        bands: ["g", "r"],
        classes: ["star", "galaxy", "lens"],
        label: (i) => (i + (i % 5 === 0 ? 1 : 0)) % 3,
      }),
    ),
  );
  const flags = { source: s, target: t, encoder: "equivariant", "equivariant.group": "C4" };
  const shape = { "equivariant.fields": [2, 3], "equivariant.kernels": [3, 3], "equivariant.poolAfter": [1] };
  await train(config("three", { "cnn.widths": undefined, ...flags, ...shape, prior: [0.7, 0.2, 0.1] }));
  const model = loadModel(at("three"));
  const dataset = await openDataset(s!);
  const rows = dataset.rows();
  const { probabilities, logits, classes } = await predictRows(model, dataset, rows);
  expect(classes).toEqual(["star", "galaxy", "lens"]);
  expect(probabilities).toHaveLength(36 * 3);
  for (let i = 0; i < 36; i++)
    expect(probabilities[3 * i]! + probabilities[3 * i + 1]! + probabilities[3 * i + 2]!).toBeCloseTo(1, 5);
  // The image rotated by 90 degrees has the same logits: the file holds an invariant network.
  tidy(() => {
    const images = dataset.images([5]);
    const turned = predict(model, images.rot90(1)).logits.numbers();
    turned.forEach((value, k) => {
      expect(value).toBeCloseTo(logits[15 + k]!, 4);
    });
  });
  dataset.close();
  model.network.dispose();
});

test("predictions leave no tensor behind and don't depend on how rows are batched", async () => {
  const model = loadModel(at("true-labels"));
  const domain = await openUnlabelled(target);
  await predictRows(model, domain, [0]);
  const live = await settledTensors();
  const { logits } = await predictRows(model, domain, domain.rows());
  expect(liveTensors()).toBeLessThanOrEqual(live);
  tidy(() => {
    const one = predict(model, domain.images([7])).logits.numbers();
    one.forEach((value, k) => {
      expect(value).toBeCloseTo(logits[14 + k]!, 5);
    });
  });
  domain.close();
  model.network.dispose();
});

test("a model refuses images that it was not made for", async () => {
  const model = loadModel(at("true-labels"));
  const large = await writeTarget(folder.path, { name: "large", size: 16 });
  const bands = await writeTarget(folder.path, { name: "bands", bands: ["i"] });
  for (const [path, message, inTraining] of [
    [
      large,
      "large: has images of 1 × 16 × 16, the model was made for 1 × 12 × 12",
      /large: has images of 16 × 16 pixels, the source \S+ has images of 12 × 12 pixels; arclet simulate … --like/,
    ],
    [
      bands,
      "bands: has bands i, the model was made for r",
      /bands: has the bands i, the source \S+ has r: r is missing \(bands go by name\); arclet simulate … --like/,
    ],
  ] as const) {
    const domain = await openUnlabelled(path);
    await expect(predictRows(model, domain, [0])).rejects.toThrow(message);
    domain.close();
    await expect(train(config("refused", { target: path }))).rejects.toThrow(inTraining);
  }
  model.network.dispose();
});

test("a model file that is truncated, of another kind, or missing is named", async () => {
  const whole = readFileSync(join(at("true-labels"), MODEL_FILE));
  writeFileSync(at("short.safetensors"), whole.subarray(0, whole.length - 100));
  expect(() => loadModel(at("short.safetensors"))).toThrow(/short.safetensors: /);
  writeFileSync(at("text.safetensors"), "not a model at all");
  expect(() => loadModel(at("text.safetensors"))).toThrow(/text.safetensors: not a safetensors file/);
  expect(() => loadModel(at("gone"))).toThrow(/gone: no such file or folder/);
  expect(() => loadModel(source)).toThrow(
    /has no model.safetensors \(not a run, or one that has not finished training\)/,
  );
});

test("a run that diverges stops at the step and names the number", async () => {
  await expect(train(config("diverged", { lr: 1e30, epochs: 3 }))).rejects.toThrow(
    /^train: epoch \d \(source\): \w+ is (NaN|Infinity|-Infinity), step \d+.*; try a lower --lr or a --clip$/,
  );
});

test("datasets that don't fit are refused before anything is written", async () => {
  const unlabelled = await writeDomain(folder.path, {
    name: "bare",
    count: 6,
    classes: [],
    label: () => null,
  });
  const lensless = await writeSource(folder.path, { name: "lensless", label: () => 0 });
  const unsplit = await writeSource(folder.path, { name: "unsplit", split: () => "train" });
  const refused = (flags: Record<string, unknown>) => train(config("refused", flags));
  await expect(refused({ target: null })).rejects.toThrow(
    "train: target must be given (adda adapts to it), got null",
  );
  await expect(refused({ source: unlabelled })).rejects.toThrow("classes must be two or more");
  await expect(refused({ source: lensless })).rejects.toThrow(
    'split train must be one that holds every class, got "no row of lens"',
  );
  await expect(refused({ source: unsplit })).rejects.toThrow(
    "split val must be of at least one labelled row",
  );
  // Labels 1, 0, 0, 0 in turn: every third row of the others alone.
  const oneClass = await writeSource(folder.path, {
    name: "one-class",
    split: (i) => (i % 4 === 1 ? "val" : "train"),
  });
  for (const select of [null, "infomax"])
    await expect(refused({ source: oneClass, select })).rejects.toThrow(
      "the labelled rows of split val are of other alone, and validators compare classes; split the dataset again",
    );
  await expect(refused({ target: source })).rejects.toThrow("shares");
  await expect(refused({ prior: [0.5, 0.4] })).rejects.toThrow(
    "prior must be 2 shares (other, lens) with sum 1",
  );
  await expect(refused({ targetSplits: ["test"] })).rejects.toThrow(
    "targetSplits must be splits that hold rows",
  );
  const blind = { method: "source-only", "adda.epochs": undefined, target: null, select: "snd" };
  await expect(refused(blind)).rejects.toThrow("select must be source-auroc without a target");
  expect(readdirSync(folder.path)).not.toContain("refused");
});

test("a run that goes wrong is rolled back to the last good epoch at half the rate, or stopped, or gets a warning", async () => {
  // The first step throws the weights far off, half a step less far: lr decides.
  const messages: string[] = [];
  const wild = { lr: 1e38, epochs: 2, "adda.epochs": 1, onDivergence: "rollback" };
  await expect(train(config("lost", wild), {}, { say: (line) => messages.push(line) })).rejects.toThrow(
    /^train: epoch 1 \(source\): .*, after 3 rollbacks/,
  );
  expect(messages.map((line) => /rate × ([\d.]+)/.exec(line)?.[1])).toEqual(["0.5", "0.25", "0.125"]);

  // A discriminator that never learns is at chance.
  const deaf = { "adda.discriminatorLr": 0, "adda.lr": 0, "adda.epochs": 1 };
  const warned: string[] = [];
  const { records } = await train(config("warned", deaf), {}, { say: (line) => warned.push(line) });
  const last = records[records.length - 1]!;
  const { sourceFound, targetFound } = last.train as Record<string, number>;
  const chance = Math.abs((sourceFound! + targetFound!) / 2 - 0.5) < 0.02;
  expect(last.warnings.some((line) => line.includes("at chance"))).toBe(chance);
  expect(warned).toEqual(last.warnings.map((line) => `warning: epoch 3 (adapt): ${line}`));
  expect(last.predicted).toHaveLength(2);
  expect(last.predicted[0]! + last.predicted[1]!).toBeCloseTo(1, 9);
});

test("a model that the oracle chose is marked, and so are runs that start from it", async () => {
  const result = await train(config("oracle", { select: "oracle", oracleSplits: ["train"] }));
  expect(result.select).toBe("oracle");
  for (const { validators } of result.records) {
    expect(validators.oracle).toBeGreaterThanOrEqual(0);
    expect(validators.oracle).toBeLessThanOrEqual(1);
  }
  expect(readModelInfo(at("oracle")).info).toMatchObject({ chosenBy: "oracle", oracle: true });
  // The last epoch is the last, even if another one is chosen.
  expect(readModelInfo(join(at("oracle"), LAST_MODEL_FILE)).info.oracle).toBe(false);
  await train(
    config("tainted", {
      from: at("oracle"),
      head: undefined,
      "cnn.widths": undefined,
      "head.width": undefined,
    }),
  );
  expect(readModelInfo(at("tainted")).info).toMatchObject({ chosenBy: "infomax", oracle: true });
  expect(readModelInfo(join(at("tainted"), LAST_MODEL_FILE)).info.oracle).toBe(true);
  await expect(train(config("none", { select: "oracle", oracleSplits: ["test"] }))).rejects.toThrow(
    /splits must be labelled, for the oracle/,
  );
});

test("the prior can be estimated from the target with the model that a run starts from", async () => {
  const learned = {
    epochs: 15,
    lr: 0.02,
    "head.dropout": 0,
    "adda.epochs": undefined,
    "adda.batch": undefined,
  };
  await train(config("first", { ...learned, method: "source-only" }));
  const messages: string[] = [];
  const alike = await writeTarget(folder.path, { name: "alike", offset: 3 });
  const start = { from: at("first"), "cnn.widths": undefined, "head.width": undefined, target: alike };
  await train(config("estimated", { ...start, priorFrom: "em" }), {}, { say: (line) => messages.push(line) });
  expect(messages[0]).toMatch(/^prior by em: other 0?\.\d+ \[.*\], lens /);
  await expect(train(config("unfounded", { priorFrom: "em" }))).rejects.toThrow(
    "priorFrom must be given with --from, and without --prior",
  );
});

test("the momentum of batch norm's running statistics is the encoder's, or the given one", async () => {
  const means = async (out: string, flags: Record<string, unknown>) => {
    await train(config(out, { method: "source-only", encoder: "cnn", epochs: 1, ...flags }));
    const own = Object.entries(weights(out)).filter(([name]) => name.endsWith("running_mean"));
    expect(own.length).toBeGreaterThan(0);
    return own.map(([, values]) => Math.max(...values.map(Math.abs)));
  };
  for (const mean of await means("own-momentum", {})) expect(mean).toBeGreaterThan(1e-3);
  for (const mean of await means("slow-momentum", { normMomentum: 1e-6 })) expect(mean).toBeLessThan(1e-4);
});

test("a class that an even spacing of the validated rows misses is added", async () => {
  // Of 30 val rows one is a lens; the 4 that are validated, rows 0, 7, 15 and 22 of them, miss it.
  const rare = await writeSource(folder.path, {
    name: "rare-source",
    count: 90,
    label: (i) => (i % 3 === 2 ? Number(i === 8) : i % 2),
  });
  const flags = { method: "source-only", "adda.epochs": undefined, epochs: 1, source: rare, validateOn: 4 };
  const { records } = await train(config("rare", flags));
  expect(records[0]!.validators["source-auroc"]).toBeGreaterThanOrEqual(0);
});
