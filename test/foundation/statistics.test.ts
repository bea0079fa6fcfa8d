import { describe, expect, test } from "vitest";
import {
  deviation,
  mean,
  median,
  quantile,
  rankQuantile,
  robustLevel,
  upperMedian,
} from "../../src/foundation/statistics.ts";

test("quantiles are interpolated between the sorted values", () => {
  expect(quantile([1, 2, 4, 8, 16], 0.5)).toBe(4);
  expect(quantile(Float64Array.of(0, 10), 0.025)).toBeCloseTo(0.25, 12);
  expect(quantile([1, 3, 7], 0.75)).toBe(5);
  expect([quantile([3, 5], 0), quantile([3, 5], 1), quantile([9], 0.3)]).toEqual([3, 5, 9]);
  expect(quantile([], 0.5)).toBeNaN();
});

describe("quantiles that are one of the values", () => {
  const sorted = [10, 20, 30, 40];
  const at = (rule: "nearest" | "above" | "reached", ...parts: number[]) =>
    parts.map((part) => rankQuantile(sorted, part, rule));

  test("have the nearest rank, or are the first above the part, or the first to reach it", () => {
    expect(at("nearest", 0, 0.16, 0.17, 0.5, 1)).toEqual([10, 10, 20, 30, 40]);
    expect(at("above", 0, 0.24, 0.25, 0.5, 1)).toEqual([10, 10, 20, 30, 40]);
    expect(at("reached", 0.01, 0.25, 0.26, 0.5, 1)).toEqual([10, 10, 20, 20, 40]);
  });

  test("are NaN if there is no value", () => {
    expect(rankQuantile([], 0.5, "above")).toBeNaN();
  });
});

test("a median of an even number of values is the mean of the middle two", () => {
  expect(median([9, 10, 1])).toBe(9);
  expect(median([100, 2, 10, 1])).toBe(6);
  expect(median(Float32Array.of(100, -2, 10, 1))).toBe(5.5);
  expect(median([])).toBeNaN();
});

test("an upper median is the larger of the middle two, whatever their order", () => {
  expect(upperMedian([100, 2, 10, 1])).toBe(10);
  expect(upperMedian(Float64Array.of(9, 10, 1))).toBe(9);
  expect(upperMedian([7])).toBe(7);
  expect(upperMedian([])).toBeNaN();
  for (let n = 1; n < 60; n++) {
    const values = Float32Array.from({ length: n }, (_, i) => (i * 37 + 11) % 23);
    expect(upperMedian(values.slice()), `of ${n}`).toBe(values.slice().sort()[n >> 1]);
  }
});

test("a robust level is the median, and 1.4826 times the median deviation from it", () => {
  // Deviations from 3: 2, 1, 0, 1, 997.
  expect(robustLevel([1, 1000, 3, 2, 4], median)).toEqual({ level: 3, sigma: 1.4826 });
  // The upper median is 4; deviations 3, 2, 0, 996, of which the upper median is 3.
  expect(robustLevel(Float32Array.of(1, 2, 4, 1000), upperMedian)).toEqual({ level: 4, sigma: 1.4826 * 3 });
});

test("the deviation is the sample's", () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
});
