import { expect, test } from "vitest";
import { evenlySpaced, everyNth, stepTo } from "../../src/foundation/thinning.ts";

const rows = Int32Array.of(10, 11, 12, 13, 14, 15, 16);

test("every n-th row is taken, with the smallest n that leaves no more than requested", () => {
  expect([stepTo(7, 3), stepTo(6, 3), stepTo(3, 3), stepTo(0, 3)]).toEqual([3, 2, 1, 1]);
  expect([...everyNth(rows, 3)]).toEqual([10, 13, 16]);
  expect([...everyNth(rows, 6)]).toEqual([10, 12, 14, 16]);
  expect([...everyNth(rows, 7)]).toEqual([...rows]);
  expect([...everyNth(new Int32Array(), 7)]).toEqual([]);
});

test("evenly spaced rows are as many as requested, or all", () => {
  expect([...evenlySpaced(rows, 6)]).toEqual([10, 11, 12, 13, 14, 15]);
  expect([...evenlySpaced(rows, 3)]).toEqual([10, 12, 14]);
  expect([...evenlySpaced([5, 6], 3)]).toEqual([5, 6]);
});
