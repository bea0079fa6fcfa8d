import { expect, test } from "vitest";
import { allocate, rankEdges } from "../../../src/evaluate/designed-sample/allocation.ts";

test("a sample is divided by weight, in whole rows", () => {
  expect(allocate([100, 100, 100], [1, 2, 1], 40)).toEqual([10, 20, 10]);
  // 10/3 each: the first takes the one that is left.
  expect(allocate([100, 100, 100], [1, 1, 1], 10)).toEqual([4, 3, 3]);
});

test("no stratum is drawn more than it holds, or not at all", () => {
  expect(allocate([5, 100, 100], [2, 1, 1], 45)).toEqual([5, 20, 20]);
  expect(allocate([1000, 1000], [1, 1e-6], 10)).toEqual([9, 1]);
  // The full one leaves 9, which lifts the light one to 3.
  expect(allocate([1, 50, 50], [8, 2, 1], 10)).toEqual([1, 6, 3]);
  expect(allocate([3, 4], [1, 1], 99)).toEqual([3, 4]);
});

test("fewer rows than strata are refused, since some row would have no chance", () => {
  expect(() => allocate([5, 5, 5], [1, 1, 1], 2)).toThrow(
    "select: --random must be 3 or more, one for each stratum, got 2",
  );
});

test("bins of the ranking widen evenly in the logarithm, from the top to the last row", () => {
  expect(rankEdges(6400, 100, 3)).toEqual([400, 1600, 6400]);
  // Without a top each bin after the first is as long as all above it.
  expect(rankEdges(800, 0, 3)).toEqual([200, 400, 800]);
  expect(rankEdges(10, 10, 3)).toEqual([]);
  expect(rankEdges(4, 2, 8)).toEqual([3, 4]);
});
