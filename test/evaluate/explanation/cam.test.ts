import { expect, test } from "vitest";
import type { ConvEncoder } from "../../../src/encoders/encoder.ts";
import { buildNetwork } from "../../../src/encoders/network.ts";
import {
  activationMap,
  gradCamPlusPlusWeights,
  gradCamWeights,
} from "../../../src/evaluate/explanation/cam.ts";
import { scores as explainedScores, lastMap } from "../../../src/evaluate/explanation/explainer.ts";
import { heatMaps } from "../../../src/evaluate/explanation/heat.ts";
import { scoreOf } from "../../../src/evaluate/explanation/score.ts";
import { noGrad } from "../../../src/torch/autograd.ts";
import { tensor } from "../../../src/torch/create.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import { asTheyAre, plainNetwork } from "./plain-network.ts";

const OCCLUSION = { window: 2, stride: 1 };

/** One image, two channels of 1 × 2. */
const A = () => tensor([[[[1, 3]], [[2, 0]]]]);

test("Grad-CAM: mean gradients weigh the channels, and what speaks against the class is left out", () => {
  const g = tensor([[[[0.5, 0.5]], [[-1, 0]]]]);
  const alpha = gradCamWeights(g);
  expect(alpha.numbers()).toEqual([0.5, -0.5]);
  expect(activationMap(A(), alpha).numbers()).toEqual([0, 1.5]); // 0.5 · 1 − 0.5 · 2 < 0
});

test("Grad-CAM++: weights by hand", () => {
  const g = tensor([[[[1, 2]], [[-1, 0]]]]);
  // ΣA = 4: α = 1 / (2 + 4), 1 / (2 + 8); w = 1/6 · 1 + 1/10 · 2. The second channel has no positive gradient.
  const w = gradCamPlusPlusWeights(A(), g).numbers();
  expect(w[0]).toBeCloseTo(11 / 30, 6);
  expect(w[1]).toBe(0);
});

test("Grad-CAM++'s closed form is the paper's ratio of derivatives of Y = exp(S)", () => {
  const maps = [0.7, 1.1, 0.2];
  const slopes = [0.6, -0.4, 0.9];
  // S is linear in A; derivatives of Y by one pixel at a time, by central differences.
  const Y = (pixel: number, step: number) =>
    Math.exp(maps.reduce((sum, a, i) => sum + slopes[i]! * (a + (i === pixel ? step : 0)), 0));
  const h = 1e-2;
  const total = maps.reduce((sum, a) => sum + a, 0);
  const expected = maps.reduce((sum, _, i) => {
    const first = (Y(i, h) - Y(i, -h)) / (2 * h);
    const second = (Y(i, h) - 2 * Y(i, 0) + Y(i, -h)) / h ** 2;
    const third = (Y(i, 2 * h) - 2 * Y(i, h) + 2 * Y(i, -h) - Y(i, -2 * h)) / (2 * h ** 3);
    return sum + (second / (2 * second + total * third)) * Math.max(0, first);
  }, 0);
  const w = gradCamPlusPlusWeights(tensor([[[maps]]]), tensor([[[slopes]]])).item();
  expect(w).toBeCloseTo(expected / Y(0, 0), 4);
});

test("the score: a class's logit, or its log-odds against all others", () => {
  const logits = tensor([[1, 2, 0.5]]);
  expect(scoreOf(logits, 1, "logit").item()).toBe(2);
  const p = Math.exp(2) / (Math.exp(1) + Math.exp(2) + Math.exp(0.5));
  expect(scoreOf(logits, 1, "log-odds").item()).toBeCloseTo(Math.log(p / (1 - p)), 5);
  expect(scoreOf(tensor([[1, 3]]), 0, "log-odds").item()).toBeCloseTo(-2, 6);
});

test("a network made by hand has its known class activation map", () => {
  const network = plainNetwork(
    [
      [0, 0],
      [3, -1],
    ],
    [0, 5],
  );
  const explainer = { network, preprocessing: asTheyAre(2), classIndex: 1, output: "logit" as const };
  const images = tensor([
    [
      [
        [1, -2],
        [0, 4],
      ],
      [
        [1, 1],
        [2, 0],
      ],
    ],
  ]); // (1, 2, 2, 2)
  tidy(() => {
    const [map] = heatMaps(explainer, images, ["gradcam"], OCCLUSION);
    // The mean over four pixels: ∂S/∂A = w / 4. ReLU(0.75 A¹ − 0.25 A²), A¹ after its ReLU.
    expect(map!.numbers()).toEqual([0.5, 0, 0, 3]);
    expect(explainedScores(explainer, images).item()).toBeCloseTo(5 + 3 * (5 / 4) - 1, 6);
  });
  network.dispose();
});

test("the gradient is that of the score by the last map, by differences through head and classifier", () => {
  const generator = new Generator(3);
  const network = buildNetwork({
    encoder: "cnn",
    config: { widths: [3, 4] },
    head: { width: 5, dropout: 0.5 },
    channels: 2,
    classes: 3,
    generator,
  }).train(false);
  const explainer = { network, preprocessing: asTheyAre(2), classIndex: 2, output: "log-odds" as const };
  const images = generator.normal([2, 2, 8, 8]);
  tidy(() => {
    const { A, g, S } = lastMap(explainer, images);
    expect(A.shape).toEqual([2, 4, 4, 4]);
    const scored = (change: number, index: number) =>
      noGrad(() => {
        const values = A.data() as Float32Array;
        values[index]! += change;
        const pooled = (network.encoder as ConvEncoder).pool(tensor(values, A.shape));
        return scoreOf(network.classifier.forward(network.head!.forward(pooled)), 2, "log-odds").numbers();
      });
    expect(scored(0, 0)[0]).toBeCloseTo(S.numbers()[0]!, 5);
    const step = 0.05;
    for (const index of [0, 17, 40, 63]) {
      const slope = (scored(step, index)[0]! - scored(-step, index)[0]!) / (2 * step);
      expect(slope).toBeCloseTo(g.numbers()[index]!, 3);
    }
  });
  network.dispose();
});

test("maps leave no tensors behind, and frozen networks have them too", () => {
  const network = plainNetwork(
    [
      [1, 0],
      [0, 1],
    ],
    [0, 0],
  );
  const explainer = { network, preprocessing: asTheyAre(2), classIndex: 0, output: "logit" as const };
  const images = new Generator(1).normal([3, 2, 6, 6]);
  const once = () =>
    tidy(() =>
      heatMaps(explainer, images, ["gradcam", "gradcam++", "occlusion"], OCCLUSION).map((map) =>
        map.numbers(),
      ),
    );
  const first = once();
  const before = liveTensors();
  once();
  network.learn(false);
  expect(once()).toEqual(first);
  expect(liveTensors()).toBe(before);
  network.dispose();
  images.dispose();
});
