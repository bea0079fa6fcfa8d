/** Training with views that change stored pixels, with composites, and from models of another preset. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { deeplenseViews, weak } from "../../src/dataset/views/augmenting/policy.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { readSafetensors } from "../../src/torch/safetensors.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { type TrainConfig, trainSchema } from "../../src/train/config.ts";
import { loadModel, MODEL_FILE, readModelInfo } from "../../src/train/model.ts";
import { predict } from "../../src/train/predict.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";
import { settledTensors } from "../torch/leaks.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let target: string;
let flux: string;
beforeAll(async () => {
  source = await writeSource(folder.path, { bands: ["g", "r"] });
  target = await writeTarget(folder.path, { bands: ["g", "r"] });
  flux = at("flux");
  const about = { name: "flux", survey: "cfhtls", bands: ["g", "r", "i", "z"], pixelScale: 0.187 };
  const shape: [number, number, number] = [4, 8, 8];
  const spec = { ...about, classes: ["other", "lens"], pixels: "flux" as const, shape, provenance: {} };
  await writeDataset(flux, spec, async (writer) => {
    for (let i = 0; i < 24; i++) {
      const pixels = Float32Array.from(
        { length: 256 },
        (_, p) => ((p * 13 + i * 29) % 37) - 10 + 20 * (i % 2),
      );
      const split = i % 3 === 2 ? ("val" as const) : ("train" as const);
      writer.append(pixels, [{ id: `f${i}`, group: `f${i}`, split, label: i % 2 ? "lens" : "other" }]);
    }
  });
});
afterAll(folder.remove);

const plain = (out: string, flags: Record<string, unknown>) =>
  configOf({ source, out: at(out), method: "source-only", epochs: 1, ...flags });
function weights(run: string): number[][] {
  const { tensors } = readSafetensors(join(at(run), MODEL_FILE));
  return [...tensors.values()].map((value) => {
    const numbers = value.numbers();
    value.dispose();
    return numbers;
  });
}

test("views that change stored pixels are trained on: one seed one result, another without them, nothing left", async () => {
  const changed = { "weak.jitter": 0.3, "weak.blur": 2, "weak.missing": 0.2, "weak.erase": 0.3 };
  const live = await settledTensors();
  await train(plain("a", changed));
  await train(plain("b", changed));
  await train(plain("none", {}));
  await train(plain("only-erased", { "weak.erase": 0.3 }));
  expect(liveTensors()).toBeLessThanOrEqual(live);
  expect(weights("a")).toEqual(weights("b"));
  expect(weights("a")).not.toEqual(weights("none"));
  expect(weights("a")).not.toEqual(weights("only-erased"));
});

test("views that the images can't take are refused before anything is written", async () => {
  await expect(train(plain("x", { "weak.gain": 3 }))).rejects.toThrow(/gain must be 0 on display images/);
  await expect(train(plain("x", { "strong.blur": 9 }))).rejects.toThrow(
    /blur must be at most a quarter of 12/,
  );
  expect(existsSync(at("x"))).toBe(false);
});

test("a model of composites has the composite's channels and takes the dataset's bands", async () => {
  await train(plain("composed", { source: flux, preprocess: "humvi", "weak.gain": 5 }));
  const { info } = readModelInfo(at("composed"));
  expect(info.preprocessing).toMatchObject({
    kind: "humvi",
    bands: ["g", "r", "i", "z"],
    show: ["i", "r", "g"],
  });
  expect(info.shape).toEqual([4, 8, 8]);
  const model = loadModel(at("composed"));
  const dataset = await openDataset(flux);
  const shape = tidy(() => predict(model, dataset.images([0, 1])).logits.shape);
  expect(shape).toEqual([2, 2]);
  model.network.dispose();
  dataset.close();
});

test("the preset deeplense has DeepLense's views, and starts from a model of another preprocessing unless one is given", async () => {
  await train(plain("start", { preprocess: "standardise" }));
  const from = (out: string, flags: Record<string, string> = {}) => {
    const given = {
      source,
      target,
      out: at(out),
      from: at("start"),
      preset: "deeplense",
      "adda.epochs": "1",
    };
    const small = { encoder: "cnn", "cnn.widths": "4,6", "head.width": "5", "adda.batch": "6" };
    const all: Record<string, string> = { ...given, ...small, precision: "float32", ...flags };
    return resolveConfig("train", trainSchema("adda", "cnn", "deeplense"), { flags: all });
  };
  const { values, origin } = from("seeded");
  expect(values).toMatchObject({
    preprocess: "minmax",
    weak: deeplenseViews.weak,
    strong: deeplenseViews.strong,
  });
  await train(values as TrainConfig, origin);
  expect(readModelInfo(at("seeded")).info.preprocessing.kind).toBe("standardise");
  const asked = from("x", { preprocess: "minmax" });
  await expect(train(asked.values as TrainConfig, asked.origin)).rejects.toThrow(
    /must have preprocessing "minmax", got "standardise"/,
  );
  const usual = resolveConfig("train", trainSchema("adda", "cnn"), { flags: { source, out: "o" } });
  expect(usual.values).toMatchObject({ preprocess: null, weak });
});
