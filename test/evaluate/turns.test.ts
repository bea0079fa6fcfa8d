/** Scores averaged over the ways to turn and mirror an image. */
import { expect, test } from "vitest";
import type { ImageDomain } from "../../src/dataset/dataset.ts";
import { averagedOverTurns, changesWithTurns, turnsOf } from "../../src/evaluate/turns.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { type Blueprint, type Model, type ModelInfo, networkOf } from "../../src/train/model.ts";
import type { Predictions } from "../../src/train/predict.ts";

test("there are eight ways for a square image and four for any other, all different, the first none", () => {
  tidy(() => {
    const square = tensor([1, 2, 3, 4], [1, 1, 2, 2]);
    const seen = turnsOf(true).map((turn) => turn(square).numbers().join());
    expect(new Set(seen).size).toBe(8);
    expect(seen[0]).toBe("1,2,3,4");
    const wide = tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
    const flat = turnsOf(false).map((turn) => turn(wide));
    expect(new Set(flat.map((one) => one.numbers().join())).size).toBe(4);
    for (const one of flat) expect(one.shape).toEqual([1, 1, 2, 3]);
  });
});

const modelOf = (encoder: string, config: Blueprint["encoder"]["config"]): Model => {
  const blueprint: Blueprint = {
    encoder: { name: encoder, config },
    head: null,
    classes: ["not-lens", "lens"],
    shape: [1, 32, 32],
    preprocessing: {
      kind: "unit",
      version: 1,
      bands: ["r"],
      pixelScale: 0.2,
      pixels: "display",
    },
  };
  const network = networkOf(blueprint, new Generator(2)).train(false);
  return { network, info: blueprint as ModelInfo, path: encoder };
};

test("an equivariant network's scores don't change, a plain one's do", () => {
  const live = liveTensors();
  for (const [encoder, config, changes] of [
    ["equivariant", { preset: "small" }, false],
    ["cnn", { widths: [4, 8] }, true],
  ] as [string, Blueprint["encoder"]["config"], boolean][]) {
    const model = modelOf(encoder, config);
    expect(changesWithTurns(model), encoder).toBe(changes);
    model.network.dispose();
  }
  expect(liveTensors()).toBe(live);
});

test("logits are the means over all turns, and each image is counted once", async () => {
  const images = [
    [1, 2, 3, 4],
    [5, 6, 7, 9],
  ];
  const domain = {
    info: { shape: [1, 2, 2] },
    images: (rows: readonly number[]) =>
      tensor(
        rows.flatMap((row) => images[row]!),
        [rows.length, 1, 2, 2],
      ),
  } as unknown as ImageDomain;
  /** The first pixel as the logit of the second class. */
  const first = async (turned: ImageDomain, tick: (images: number) => void): Promise<Predictions> => {
    const logits = new Float32Array(4);
    for (const row of [0, 1]) {
      logits[2 * row + 1] = tidy(() => turned.images([row]).numbers()[0]!);
      tick(1);
    }
    const features = { rows: 2 } as unknown as Predictions["features"];
    return { classes: ["a", "b"], logits, probabilities: logits, features };
  };
  let counted = 0;
  const { logits, probabilities } = await averagedOverTurns(domain, first, (n) => {
    counted += n;
  });
  // Every corner comes first twice.
  expect([...logits]).toEqual([0, 2.5, 0, 6.75]);
  expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-2.5)), 6);
  expect(probabilities[2]! + probabilities[3]!).toBeCloseTo(1, 6);
  expect(counted).toBe(2);
});
