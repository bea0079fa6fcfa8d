/** Completeness counted in bins, and quantiles of what is found, by hand. */
import { expect, test } from "vitest";
import { clusteredRows } from "../../../src/evaluate/selection/clustered.ts";
import { countAlong, countMap } from "../../../src/evaluate/selection/counts.ts";
import { propertyOf } from "../../../src/evaluate/selection/properties.ts";
import { quantilesOf, weightedQuantile } from "../../../src/evaluate/selection/quantiles.ts";

const column = (name: string, ...values: number[]) => ({
  ...propertyOf(name),
  values: Float64Array.from(values),
});
const FOUND = Uint8Array.from([0, 1, 1, 0, 1, 1]);
const rows = clusteredRows(FOUND, new Float64Array(6).fill(1), ["a", "b", "c", "d", "e", "f"]);
const radius = column("theta_e", 1, 1.2, 1.9, 2, 3, Number.NaN);
const snr = column("arc_snr", 10, 20, 99, 10, 99, 10);

test("along a property: round bins, half-open, and rows without a value", () => {
  const { property, unknown, bins } = countAlong(radius, rows);
  expect({ property, unknown }).toEqual({ property: "theta_e", unknown: 1 });
  expect(bins.map(({ low }) => low)).toEqual([1, 1.25, 1.6, 2, 2.5]);
  expect(bins.at(-1)!.high).toBe(3.2);
  const at = (value: number) => bins.find(({ low, high }) => value >= low && value < high)!;
  expect([at(1).count, at(1).found, at(1).completeness.value]).toEqual([2, 1, 0.5]);
  expect([at(2).count, at(2).found, at(2).completeness.value]).toEqual([1, 0, 0]);
  expect(at(2).completeness.high).toBeGreaterThan(0.5);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(5);
});

test("over two properties: only cells with a row", () => {
  const { x, y, cells } = countMap(radius, snr, rows);
  expect([x, y]).toEqual(["theta_e", "arc_snr"]);
  expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(5);
  const cell = cells.find((one) => one.x.low <= 3 && one.x.high >= 3 && one.y.low <= 99 && one.y.high > 99)!;
  expect([cell.count, cell.found]).toEqual([1, 1]);
});

test("quantiles of what was injected and of what is found, by weight", () => {
  const values = Float64Array.of(1, 2, 3, 4);
  const weights = Float64Array.of(1, 1, 1, 7);
  const at = (part: number) => weightedQuantile(values, weights, [0, 1, 2, 3], part);
  expect([0.05, 0.1, 0.11, 0.3, 0.5, 1].map(at)).toEqual([1, 1, 2, 3, 4, 4]);
  expect(weightedQuantile(values, weights, [], 0.5)).toBeNull();
  const { injected, found } = quantilesOf(radius, FOUND, new Float64Array(6).fill(1));
  expect(injected).toEqual([1, 1, 1.9, 3, 3]);
  expect(found).toEqual([1.2, 1.2, 1.9, 3, 3]);
});
