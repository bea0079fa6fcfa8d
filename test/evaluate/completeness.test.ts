import { expect, test } from "vitest";
import { computeCompleteness, edgesOf, falsePositivesByKind } from "../../src/evaluate/completeness.ts";
import { wilson } from "../../src/evaluate/intervals.ts";
import { completenessFigure, completenessMapFigure } from "../../src/pictures/completeness-figures.ts";

const column = (name: string, values: number[], log = false) => ({
  column: name,
  label: name,
  log,
  values: Float64Array.from(values),
});

// Rows 0 to 4 are lenses; the last has no known radius. Rows 5 and 6 are not.
const positives = Uint8Array.of(1, 1, 1, 1, 1, 0, 0);
const scores = Float64Array.of(0.9, 0.2, 0.5, 0.8, 0.1, 0.95, 0.3);
const columns = {
  numbers: [
    column("theta_e", [0.6, 0.9, 1.1, 1.9, Number.NaN, Number.NaN, 1]),
    column("arc_snr", [10, 12, 60, 40, 20, Number.NaN, 30], true),
  ],
};

test("recall along a column and over two, by hand", () => {
  const { along, map, threshold } = computeCompleteness(columns, scores, positives, 0.5)!;
  expect(threshold).toBe(0.5);
  const [theta, snr] = along;
  expect(theta!.unknown).toBe(1);
  expect(theta!.bins.map(({ low, high, count, found }) => [low, high, count, found])).toEqual([
    [0.6, 0.8, 1, 1],
    [0.8, 1, 1, 0],
    [1, 1.2, 1, 1],
    [1.2, 1.4, 0, 0],
    [1.4, 1.6, 0, 0],
    [1.6, 1.8, 0, 0],
    [1.8, 2, 1, 1],
  ]);
  expect(theta!.bins[1]!.recall).toEqual({ value: 0, ...wilson(0, 1) });
  expect(theta!.bins[3]!.recall.value).toBeNull();
  expect(snr!.bins.map(({ low, high, count, found }) => [low, high, count, found])).toEqual([
    [10, 15, 2, 1],
    [15, 20, 0, 0],
    [20, 30, 1, 0],
    [30, 50, 1, 1],
    [50, 70, 1, 1],
  ]);
  // The lens without a radius is in no cell.
  expect(map!.cells.map(({ x, y, count, found }) => [x.low, y.low, count, found])).toEqual([
    [0.6, 10, 1, 1],
    [0.8, 10, 1, 0],
    [1.8, 30, 1, 1],
    [1, 50, 1, 1],
  ]);
});

test("without a known value there is nothing to show, with one column no map", () => {
  const none = column("theta_e", Array(7).fill(Number.NaN));
  expect(computeCompleteness({ numbers: [none] }, scores, positives, 0.5)).toBeNull();
  expect(computeCompleteness({ numbers: [columns.numbers[0]!] }, scores, positives, 0.5)!.map).toBeNull();
});

test.each([
  [[0.5, 3.1], false, [0.5, 1, 1.5, 2, 2.5, 3, 3.5]],
  [[17.2, 21], false, [17, 17.5, 18, 18.5, 19, 19.5, 20, 20.5, 21]],
  [[0.1, 0.3], false, [0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275, 0.3]],
  [[2, 2], false, [1.5, 2.5]],
  [[3, 110], true, [2, 5, 10, 20, 50, 100, 200]],
  [[10, 12], true, [10, 15]],
  [[0, 8], true, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
])("values of %j (logarithmic: %s) are within round edges", (values, log, edges) => {
  expect(edgesOf(Float64Array.from(values), log)).toEqual(edges);
});

test("false positives by kind, the worst first", () => {
  const kind = ["lens", "spiral", "ring", "spiral", null, "ring"];
  const truth = Uint8Array.of(1, 0, 0, 0, 0, 0);
  const kinds = falsePositivesByKind(kind, Float64Array.of(0.9, 0.8, 0.7, 0.1, 0.2, 0.6), truth, 0.5);
  expect(kinds.map((entry) => [entry.kind, entry.negatives, entry.falsePositives])).toEqual([
    ["ring", 2, 2],
    ["spiral", 2, 1],
    ["unknown", 1, 0],
  ]);
  expect(kinds[1]!.fpr).toEqual({ value: 0.5, ...wilson(1, 2) });
});

test("pictures show every bin with a lens", () => {
  const { along, map } = computeCompleteness(columns, scores, positives, 0.5)!;
  const drawn = completenessFigure(along[0]!, "lens");
  expect(drawn).toMatch(
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img" aria-label="Completeness of lens/,
  );
  expect(drawn.match(/<rect /g)).toHaveLength(4);
  expect(drawn).not.toMatch(/NaN|undefined/);
  const cells = completenessMapFigure(map!, "lens");
  expect(cells.match(/<rect /g)).toHaveLength(4);
  expect(cells.match(/[01]\/1</g)).toHaveLength(4);
  expect(cells).not.toMatch(/NaN|undefined/);
});
