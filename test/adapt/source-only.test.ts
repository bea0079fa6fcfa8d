import { expect, test } from "vitest";
import { sourceOnly } from "../../src/adapt/source-only.ts";
import { tidy } from "../../src/torch/scope.ts";
import {
  batchesOf,
  contextOf,
  FEATURES,
  numbersOf,
  pixels,
  sourceSettings,
  stepAt,
  tinyNetwork,
} from "../tiny/network.ts";
import { adamW, affine, freshAdamW, gradient, logSumExp, mean, type Params } from "./plain.ts";

const PARAMETERS = [
  "encoder.linear.weight",
  "encoder.linear.bias",
  "encoder.norm.weight",
  "encoder.norm.bias",
  "classifier.weight",
  "classifier.bias",
];

/** Cross-entropy of the tiny network with batch statistics, smoothed by ε. */
function plainLoss(p: Params, x: number[][], y: number[], smoothing = 0): number {
  const h = x.map((row) => affine(row, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!));
  const f = h.map(() => [] as number[]);
  for (let j = 0; j < FEATURES; j++) {
    const mu = mean(h.map((row) => row[j]!));
    const variance = mean(h.map((row) => (row[j]! - mu) ** 2));
    h.forEach((row, i) => {
      const unit = (row[j]! - mu) / Math.sqrt(variance + 1e-5);
      f[i]!.push(Math.tanh(unit * p["encoder.norm.weight"]![j]! + p["encoder.norm.bias"]![j]!));
    });
  }
  const losses = f.map((row, i) => {
    const z = affine(row, p["classifier.weight"]!, p["classifier.bias"]!);
    const q = z.map((_, k) => (1 - smoothing) * (k === y[i] ? 1 : 0) + smoothing / z.length);
    return -z.reduce((sum, zk, k) => sum + q[k]! * (zk - logSumExp(z)), 0);
  });
  return mean(losses);
}

test("two steps on skewed classes match a plain re-derivation of loss, gradient and AdamW", () => {
  const network = tinyNetwork(3);
  const settings = { ...sourceSettings, warmup: 0.2, labelSmoothing: 0.1 };
  const trainer = sourceOnly.build({}, contextOf(network, 3, { source: settings }));
  const start = numbersOf(network.namedParameters());
  let params: Params = Object.fromEntries(PARAMETERS.map((name) => [name, start.get(name)!]));
  const state = freshAdamW();
  // Warm-up over 2 of 10 steps: factors 1/2 and 1.
  for (const [step, factor] of [0.5, 1].entries()) {
    const x = pixels(6, step);
    const y = [0, 0, 0, 0, 1, 2];
    const numbers = tidy(() => {
      const stepNumbers = trainer.step(0, batchesOf(x, y, []), stepAt(step));
      return { loss: (stepNumbers.loss as { item(): number }).item(), lr: stepNumbers.lr };
    });
    expect(numbers.loss).toBeCloseTo(plainLoss(params, x, y, 0.1), 5);
    expect(numbers.lr).toBeCloseTo(0.05 * factor, 12);
    const g = gradient(params, (p) => plainLoss(p, x, y, 0.1));
    params = adamW(params, g, state, { lr: 0.05 * factor, decay: 0.1 });
    const now = numbersOf(network.namedParameters());
    for (const name of PARAMETERS) {
      // The bias before batch norm has no gradient but rounding, which AdamW would scale up to a step.
      if (name === "encoder.linear.bias") params[name] = now.get(name)!;
      now.get(name)!.forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBeCloseTo(params[name]![i]!, 4);
      });
    }
  }
  trainer.dispose();
  network.dispose();
});

test("clipping bounds the step's gradient and returns the norm before", () => {
  const network = tinyNetwork(2);
  const context = contextOf(network, 2, { source: { ...sourceSettings, clip: 1e-9 } });
  const trainer = sourceOnly.build({}, context);
  const params = Object.fromEntries(numbersOf(network.namedParameters())) as Params;
  const [x, y] = [pixels(5, 3), [0, 0, 0, 0, 1]];
  const g = gradient(params, (p) => plainLoss(p, x, y));
  const norm = Math.hypot(...Object.values(g).flat());
  const stepNumbers = trainer.step(0, batchesOf(x, y, []), stepAt(0));
  expect(stepNumbers.gradNorm).toBeCloseTo(norm, 5);
  trainer.dispose();
  network.dispose();
});

test("a batch of one class is learned from", () => {
  const network = tinyNetwork(2);
  const trainer = sourceOnly.build({}, contextOf(network, 2));
  const before = numbersOf(network.namedParameters());
  const stepNumbers = trainer.step(0, batchesOf(pixels(4, 1), [1, 1, 1, 1], []), stepAt(0));
  expect(Number.isFinite((stepNumbers.loss as { item(): number }).item())).toBe(true);
  expect(numbersOf(network.namedParameters()).get("classifier.bias")).not.toEqual(
    before.get("classifier.bias"),
  );
  trainer.dispose();
  network.dispose();
});
