import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noGrad } from "../../src/torch/autograd.ts";
import { Generator } from "../../src/torch/random.ts";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { loadModel, MODEL_FILE } from "../../src/train/model.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";
import { settledTensors } from "../torch/leaks.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
const config = (out: string, flags: Record<string, unknown> = {}) =>
  configOf({ source, target, out: at(out), method: "source-only", encoder: "cnn", ...flags });
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path);
  await train(config("first"));
});
afterAll(folder.remove);

test("a run starts from an encoder's weights, reports what it loaded, and keeps the file's hash", async () => {
  const live = await settledTensors();
  const messages: string[] = [];
  const weights = join(at("first"), MODEL_FILE);
  const still = { lr: 1e-30, weightDecay: 0 };
  await train(config("second", { weights, ...still }), {}, { say: (line) => messages.push(line) });
  expect(liveTensors()).toBeLessThanOrEqual(live);
  expect(messages[0]).toMatch(/model\.safetensors: \d+ tensors loaded, whose names begin with encoder\.$/);
  expect(messages[1]).toMatch(/unexpected in the file, not used, 5: head\.1\.weight, .*classifier\.bias/);
  expect(readRunConfig(at("second")).inputs.weights!.contentHash).toMatch(/^[0-9a-f]{16,}/);
  const stem = (run: string) => {
    const { tensors } = readSafetensors(join(at(run), MODEL_FILE));
    const values = [...tensors].find(([name]) => name.endsWith("conv.weight"))![1].numbers();
    for (const one of tensors.values()) one.dispose();
    return values;
  };
  expect(stem("second")).toEqual(stem("first"));
});

test("weights together with a starting model are refused", async () => {
  const weights = join(at("first"), MODEL_FILE);
  await expect(train(config("third", { weights, from: at("first") }))).rejects.toThrow(
    "train: weights must be left out: --from gives all weights",
  );
});

const python = "/usr/bin/python3";
const hasTorch = spawnSync(python, ["-c", "import torch, numpy"]).status === 0;

test.skipIf(!hasTorch)("PyTorch reads a model of ours and gives the same logits", () => {
  const model = loadModel(at("first"));
  const shape = [4, ...model.info.shape] as const;
  const { pixels, logits } = tidy(() => {
    const x = new Generator(3).normal(shape);
    return { pixels: x.data() as Float32Array, logits: noGrad(() => model.network.forward(x)).numbers() };
  });
  const file = at("input.f32");
  writeFileSync(file, new Uint8Array(pixels.buffer));
  const script = fileURLToPath(new URL("./read_model.py", import.meta.url));
  const { stdout, stderr } = spawnSync(python, [script, model.path, file, ...shape.map(String)], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const theirs = JSON.parse(stdout) as number[];
  expect(theirs).toHaveLength(logits.length);
  theirs.forEach((value, i) => {
    expect(Math.abs(value - logits[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  });
  model.network.dispose();
});
