import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  calibrated,
  correctPrior,
  fitCalibrator,
  targetPriorOf,
} from "../../src/adapt/calibration/calibrator.ts";
import { fitIsotonic, isotonicAt } from "../../src/adapt/calibration/isotonic.ts";
import { fitTemperature, TEMPERATURES } from "../../src/adapt/calibration/temperature.ts";

import { youdenThreshold } from "../../src/adapt/calibration/youden.ts";
import { Draws } from "../../src/foundation/random.ts";

interface Known {
  isotonic: {
    name: string;
    x: number[];
    y: number[];
    weights: number[];
    at: number[];
    predicted: number[];
    thresholds: { x: number[]; y: number[] };
  }[];
  temperature: {
    classes: number;
    logits: number[];
    labels: number[];
    weights: number[];
    temperature: number;
    loss: number;
  }[];
}

const path = new URL("../fixtures/metrics/calibration.json", import.meta.url);
const known = JSON.parse(readFileSync(path, "utf8")) as Known;

describe.each(known.isotonic)("isotonic regression of rows that are $name", (example) => {
  test("is scikit-learn's to 1e-12", () => {
    const fitted = fitIsotonic(example.x, example.y, example.weights);
    for (const [i, x] of example.at.entries())
      expect(Math.abs(isotonicAt(fitted, x) - example.predicted[i]!)).toBeLessThan(1e-12);
  });
});

test("isotonic regression by hand", () => {
  // 1 at x = 2 is above 0 at x = 3: both become a half.
  const fitted = fitIsotonic([3, 1, 2, 4, 5], [0, 0, 1, 1, 1]);
  expect(fitted).toEqual({ x: [1, 2, 3, 4, 5], y: [0, 0.5, 0.5, 1, 1] });
  expect([0, 1, 1.5, 2.5, 3.5, 9].map((x) => isotonicAt(fitted, x))).toEqual([0, 0, 0.25, 0.5, 0.75, 1]);
  expect(() => fitIsotonic([], [])).toThrow("rows must be one or more");
  expect(() => fitIsotonic([1, Number.NaN], [0, 1])).toThrow("row 1 must be finite");
});

describe("temperature scaling", () => {
  test.each(known.temperature)("of $classes classes finds SciPy's minimum", (example) => {
    const { temperature, loss, before, atLimit } = fitTemperature(
      example.logits,
      example.labels,
      example.weights,
    );
    expect(Math.abs(temperature / example.temperature - 1)).toBeLessThan(1e-7);
    expect(loss).toBeLessThanOrEqual(example.loss + 1e-15);
    expect(Math.abs(loss - example.loss)).toBeLessThan(1e-12);
    expect(loss).toBeLessThan(before);
    expect(atLimit).toBe(false);
  });

  test("by hand: three of four right at equal margins", () => {
    // softmax(m / T) is 3/4 where m / T = log 3.
    const { temperature } = fitTemperature([4, 0, 4, 0, 4, 0, 4, 0], [0, 0, 0, 1]);
    expect(temperature).toBeCloseTo(4 / Math.log(3), 12);
  });

  test("stops at its limits, without mistakes and with nothing but mistakes", () => {
    expect(fitTemperature([4, 0, 0, 4], [0, 1])).toMatchObject({
      temperature: TEMPERATURES.low,
      atLimit: true,
    });
    const { temperature, atLimit } = fitTemperature([4, 0, 0, 4], [1, 0]);
    expect([temperature, atLimit]).toEqual([TEMPERATURES.high, true]);
  });

  test("refuses what are not rows of classes", () => {
    expect(() => fitTemperature([], [])).toThrow("logits must be rows of two classes or more");
    expect(() => fitTemperature([1, 2, 3], [0, 1])).toThrow("rows of two classes or more");
    expect(() => fitTemperature([1, Number.NaN], [0])).toThrow("logit 1 must be finite, got NaN");
  });
});

/**
 * Logits of K classes whose true posteriors are known: class k is a unit normal about `apart` in direction k, and the log odds are
 * multiplied by `scale`, as an overconfident network's are. The network was trained at equal parts of the classes.
 */
function drawn(parts: readonly number[], count: number, seed: number, scale = 3, apart = 1.5) {
  const draws = new Draws(seed);
  const k = parts.length;
  const labels = Int32Array.from({ length: count }, () => {
    let [u, c] = [draws.uniform(), 0];
    while (c < k - 1 && u >= parts[c]!) u -= parts[c++]!;
    return c;
  });
  const logits = new Float64Array(count * k);
  labels.forEach((label, n) => {
    for (let c = 0; c < k; c++) logits[n * k + c] = scale * apart * draws.normal(c === label ? apart : 0);
  });
  return { labels, logits };
}

/** Over 15 bins of one class's probability. */
function ece(p: Float64Array, labels: Int32Array, k: number, c: number): number {
  const gap = new Float64Array(15);
  labels.forEach((label, n) => {
    gap[Math.min(14, Math.floor(p[n * k + c]! * 15))]! += Number(label === c) - p[n * k + c]!;
  });
  return gap.reduce((sum, value) => sum + Math.abs(value), 0) / labels.length;
}

describe.each(["bias-corrected", "temperature", "isotonic"] as const)(
  "probabilities by %s, under a shift of the prior",
  (by) => {
    const source = drawn([0.5, 0.5], 4000, 1);
    const target = drawn([0.97, 0.03], 6000, 2);
    const calibrator = fitCalibrator(source.logits, source.labels);
    const p = calibrated(calibrator, by, target.logits);

    test("mean what they say once calibrated and corrected, with the prior given or estimated", () => {
      const raw = calibrated({ ...calibrator, temperature: 1 }, "temperature", target.logits);
      const before = ece(raw, target.labels, 2, 1);
      const uncorrected = ece(p, target.labels, 2, 1);
      expect(before).toBeGreaterThan(0.1);
      expect(uncorrected).toBeGreaterThan(0.1);
      expect(ece(correctPrior(p, calibrator.prior, [0.97, 0.03]), target.labels, 2, 1)).toBeLessThan(0.01);
      for (const estimator of ["em", "bbse"] as const) {
        const { prior, atBound } = targetPriorOf(calibrator, estimator, by, p);
        expect(atBound).toEqual([]);
        expect(prior[0]! + prior[1]!).toBeCloseTo(1, 9);
        // Isotonic regression knows the sure end, where rare lenses are, by few rows.
        expect(Math.abs(prior[1]! - 0.03)).toBeLessThan(by === "isotonic" ? 0.02 : 0.015);
        expect(ece(correctPrior(p, calibrator.prior, prior), target.labels, 2, 1)).toBeLessThan(0.02);
      }
    });

    test("are those of the source's own rows on the source", () => {
      const rows = drawn([0.5, 0.5], 6000, 3);
      expect(ece(calibrated(calibrator, by, rows.logits), rows.labels, 2, 1)).toBeLessThan(0.03);
      for (let i = 0; i < p.length; i += 2) expect(p[i]! + p[i + 1]!).toBeCloseTo(1, 12);
      expect(Math.min(...p)).toBeGreaterThan(0);
    });
  },
);

test("the temperature is the one that the logits were multiplied by, also if the rows' parts are not the network's", () => {
  // The network learned equal parts; one in five of its validation rows is a lens.
  const rows = drawn([0.8, 0.2], 8000, 4);
  expect(fitCalibrator(rows.logits, rows.labels, [0.5, 0.5]).temperature).toBeCloseTo(3, 0);
  expect(fitCalibrator(rows.logits, rows.labels, [0.5, 0.5]).prior).toEqual([0.5, 0.5]);
});

test("three classes are calibrated and corrected in the same way", () => {
  const source = drawn([1 / 3, 1 / 3, 1 / 3], 6000, 5);
  const parts = [0.7, 0.25, 0.05];
  const target = drawn(parts, 6000, 6);
  const calibrator = fitCalibrator(source.logits, source.labels);
  for (const by of ["bias-corrected", "temperature", "isotonic"] as const) {
    const p = calibrated(calibrator, by, target.logits);
    const { prior } = targetPriorOf(calibrator, "em", by, p);
    const eceSum = (probabilities: Float64Array) =>
      parts.reduce((sum, _, c) => sum + ece(probabilities, target.labels, 3, c), 0);
    for (const [c, part] of parts.entries()) expect(Math.abs(prior[c]! - part)).toBeLessThan(0.03);
    expect(eceSum(p)).toBeGreaterThan(0.15);
    expect(eceSum(correctPrior(p, calibrator.prior, prior))).toBeLessThan(0.05);
  }
});

test("the prior's correction by hand: odds of 1 at even parts are odds of 1 to 9 at one in ten", () => {
  const p = correctPrior(Float64Array.of(0.5, 0.5, 0.2, 0.8), [0.5, 0.5], [0.9, 0.1]);
  expect(Array.from(p, (value) => Number(value.toPrecision(12)))).toEqual(
    [0.9, 0.1, 0.18 / 0.26, 0.08 / 0.26].map((value) => Number(value.toPrecision(12))),
  );
});

test("rows without a class can't calibrate", () => {
  expect(() => fitCalibrator([1, 0, 2, 0], [0, 0])).toThrow("rows must be of every class");
});

test("Youden's threshold by hand", () => {
  const truth = [1, 1, 0, 1, 0, 0];
  // Recall minus false-positive rate from the top: 1/3, 2/3, 1/3, 2/3, 1/3, 0: the highest of equals.
  expect(youdenThreshold([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], (row) => truth[row] === 1)).toBe(0.8);
  // Ties enter together: 0.8 holds a lens and a non-lens.
  expect(youdenThreshold([0.8, 0.8, 0.7, 0.1], (row) => [1, 0, 1, 0][row] === 1)).toBe(0.7);
});
