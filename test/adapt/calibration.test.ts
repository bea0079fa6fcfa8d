import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fitIsotonic, isotonicAt } from "../../src/adapt/calibration/isotonic.ts";
import { fitTemperature, TEMPERATURES } from "../../src/adapt/calibration/temperature.ts";

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

describe.each(known.isotonic)("isotonic regression of rows that are $name", (one) => {
  test("is scikit-learn's to 1e-12", () => {
    const fitted = fitIsotonic(one.x, one.y, one.weights);
    for (const [i, place] of one.at.entries())
      expect(Math.abs(isotonicAt(fitted, place) - one.predicted[i]!)).toBeLessThan(1e-12);
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
  test.each(known.temperature)("of $classes classes finds SciPy's minimum", (one) => {
    const { temperature, loss, before, atLimit } = fitTemperature(one.logits, one.labels, one.weights);
    expect(Math.abs(temperature / one.temperature - 1)).toBeLessThan(1e-7);
    expect(loss).toBeLessThanOrEqual(one.loss + 1e-15);
    expect(Math.abs(loss - one.loss)).toBeLessThan(1e-12);
    expect(loss).toBeLessThan(before);
    expect(atLimit).toBe(false);
  });

  test("by hand: three of four right at equal margins", () => {
    // softmax(m / T) is 3/4 where m / T = log 3.
    const { temperature } = fitTemperature([4, 0, 4, 0, 4, 0, 4, 0], [0, 0, 0, 1]);
    expect(temperature).toBeCloseTo(4 / Math.log(3), 12);
  });

  test("stops at its limits, where no mistake or nothing but mistakes is made", () => {
    expect(fitTemperature([4, 0, 0, 4], [0, 1])).toMatchObject({
      temperature: TEMPERATURES.low,
      atLimit: true,
    });
    const { temperature, atLimit } = fitTemperature([4, 0, 0, 4], [1, 0]);
    expect([temperature, atLimit]).toEqual([TEMPERATURES.high, true]);
  });

  test("refuses what is no row of classes", () => {
    expect(() => fitTemperature([], [])).toThrow("logits must be rows of two classes or more");
    expect(() => fitTemperature([1, 2, 3], [0, 1])).toThrow("rows of two classes or more");
    expect(() => fitTemperature([1, Number.NaN], [0])).toThrow("logit 1 must be finite, got NaN");
  });
});
