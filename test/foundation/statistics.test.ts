import { expect, test } from "vitest";
import { deviation, mean, median, quantile } from "../../src/foundation/statistics.ts";

test("quantiles lie on straight lines between the sorted values", () => {
  expect(quantile([1, 2, 4, 8, 16], 0.5)).toBe(4);
  expect(quantile(Float64Array.of(0, 10), 0.025)).toBeCloseTo(0.25, 12);
  expect(quantile([1, 3, 7], 0.75)).toBe(5);
  expect([quantile([3, 5], 0), quantile([3, 5], 1), quantile([9], 0.3)]).toEqual([3, 5, 9]);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a median of an even number of values is the mean of the middle two", () => {
  expect(median([9, 10, 1])).toBe(9);
  expect(median([100, 2, 10, 1])).toBe(6);
  expect(median([])).toBeNaN();
});

test("the deviation is the sample's", () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
});
