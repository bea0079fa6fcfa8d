import { expect, test } from "vitest";
import { crossEntropy, logOdds, sigmoid } from "../../../src/evaluate/combination/log-odds.ts";
import { fitLogistic, logisticAt, plattTargets } from "../../../src/evaluate/combination/logistic.ts";
import { drawnTogether } from "../../../src/evaluate/combination/stacking.ts";
import { Draws } from "../../../src/foundation/random.ts";

const draws = new Draws(3);
const N = 40;
const features = [0, 1, 2].map((k) =>
  Float64Array.from({ length: N }, (_, i) => draws.normal(k === 2 ? 0 : (i % 2) * (1 - k / 2))),
);
const targets = plattTargets(Uint8Array.from({ length: N }, (_, i) => i % 2));

test("one binary feature has the closed form: log odds of each side's mean target", () => {
  const x = [0, 0, 0, 1, 1, 1, 1];
  const { weights, intercept } = fitLogistic([x], [0.2, 0.3, 0.1, 0.9, 0.8, 0.7, 0.6]);
  expect(intercept).toBeCloseTo(logOdds(0.2), 5);
  expect(weights[0]).toBeCloseTo(logOdds(0.75) - logOdds(0.2), 5);
});

test.each([0, 0.5, 20])("with a penalty of %d the loss has no slope where it is fitted", (lambda) => {
  const fit = fitLogistic(features, targets, drawnTogether(3, lambda));
  const at = [...fit.weights, fit.intercept];
  const loss = (w: readonly number[]) => {
    const mean = (w[0]! + w[1]! + w[2]!) / 3;
    let sum = (lambda / 2) * w.slice(0, 3).reduce((total, one) => total + (one - mean) ** 2, 0);
    for (let i = 0; i < N; i++) {
      const z = w[3]! + features.reduce((total, column, k) => total + w[k]! * column[i]!, 0);
      const p = 1 / (1 + Math.exp(-z));
      sum -= targets[i]! * Math.log(p) + (1 - targets[i]!) * Math.log(1 - p);
    }
    return sum;
  };
  for (const k of at.keys()) {
    const moved = (by: number) => loss(at.map((value, j) => (j === k ? value + by : value)));
    expect((moved(1e-4) - moved(-1e-4)) / 2e-4).toBeCloseTo(0, 4);
    expect(moved(0.1)).toBeGreaterThan(loss(at));
  }
});

test("a very strong penalty makes the weights equal, and not 0", () => {
  const { weights } = fitLogistic(features, targets, drawnTogether(3, 1e6));
  expect(weights[1]).toBeCloseTo(weights[0]!, 4);
  expect(weights[2]).toBeCloseTo(weights[0]!, 4);
  expect(weights[0]).toBeGreaterThan(0.1);
});

test("classes that are separated, and features that are the same, have a finite fit", () => {
  const x = Float64Array.from({ length: 10 }, (_, i) => (i < 5 ? -1 - i : i));
  const truth = Uint8Array.from(x, (value) => Number(value > 0));
  const fit = fitLogistic([x, x], plattTargets(truth));
  expect(fit.weights.every(Number.isFinite)).toBe(true);
  expect(fit.weights[0]).toBeCloseTo(fit.weights[1]!, 5);
  const last = sigmoid(logisticAt(fit, [9, 9]));
  expect(last).toBeGreaterThan(0.8);
  expect(last).toBeLessThan(0.99);
});

test("Platt's targets are a class's posterior mean", () => {
  const [high, low] = [4 / 5, 1 / 4];
  expect([...plattTargets([1, 0, 1, 1, 0])]).toEqual([high, low, high, high, low]);
});

test("the cross-entropy is right where a probability would be rounded to 0 or 1", () => {
  expect(crossEntropy(0, 1)).toBeCloseTo(Math.LN2, 12);
  expect(crossEntropy(800, 0)).toBe(800);
  expect(crossEntropy(-800, 1)).toBe(800);
  expect(crossEntropy(20, 1)).toBeCloseTo(Math.exp(-20), 14);
});
