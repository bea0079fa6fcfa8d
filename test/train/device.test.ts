/** Where networks compute. Tests that need a GPU that libtorch can use are skipped without one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { deviceNamed, machine } from "../../src/torch/machine.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors } from "../../src/torch/scope.ts";
import { loadModel, MODEL_FILE } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";
import { settledTensors } from "../torch/leaks.ts";

const { cuda } = machine();
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  target = await writeTarget(folder.path);
});
afterAll(folder.remove);

const run = (out: string, flags: Record<string, unknown> = {}) =>
  train(configOf({ source, target, out: at(out), ...flags }));
const modelOf = (out: string): Buffer => readFileSync(join(at(out), MODEL_FILE));

test("auto is a GPU if libtorch has one, else the processor", () => {
  expect(deviceNamed("auto")).toBe(cuda ? "cuda" : "cpu");
  expect(deviceNamed("cpu")).toBe("cpu");
});

test("a run records its device, and a wrong device is refused by name", async () => {
  await run("plain", { device: "cpu" });
  expect(readRunConfig(at("plain")).resolved.device).toBe("cpu");
  expect(() => configOf({ source, out: at("x"), device: "gpu" })).toThrow(
    /device.*must be auto, cpu, cuda or cuda:N/,
  );
});

test.skipIf(cuda)("a missing GPU is refused before anything is written", async () => {
  await expect(run("nowhere", { device: "cuda" })).rejects.toThrow(
    'device: device must be cpu, since libtorch has no CUDA or finds no GPU (see arclet doctor), got "cuda"',
  );
});

test.skipIf(!cuda)("a model gives the same logits on the GPU as on the processor", async () => {
  await run("either", { device: "cpu" });
  const domain = await openUnlabelled(target);
  const rows = domain.rows("train");
  const logits: number[][] = [];
  for (const device of ["cpu", "cuda"]) {
    const model = loadModel(at("either"), device);
    logits.push([...(await predictRows(model, domain, rows)).logits]);
    model.network.dispose();
  }
  domain.close();
  const [onCpu, onGpu] = logits as [number[], number[]];
  onCpu.forEach((value, i) => {
    expect(onGpu[i]).toBeCloseTo(value, 4);
  });
});

test.skipIf(!cuda)("generators on the GPU continue from a saved state", () => {
  const generator = new Generator(3, "cuda");
  const state = generator.state();
  const first = generator.uniform([5]).numbers();
  generator.restore(state);
  expect(generator.uniform([5]).numbers()).toEqual(first);
});

for (const { name, needsTarget } of methods.list)
  test.skipIf(!cuda)(`${name} trains on the GPU: one seed one result, nothing left`, async () => {
    const given = {
      method: name,
      device: "cuda",
      precision: "float32",
      ...(needsTarget ? {} : { target: null }),
    };
    const live = await settledTensors();
    await run(`${name}-a`, given);
    await run(`${name}-b`, given);
    expect(liveTensors()).toBeLessThanOrEqual(live);
    expect(modelOf(`${name}-a`).equals(modelOf(`${name}-b`))).toBe(true);
  });
