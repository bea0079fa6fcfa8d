import { expect, test } from "vitest";
import { tensor } from "../../src/torch/create.ts";
import { lowerMedian, lowerMedianOf } from "../../src/torch/median.ts";

test("a lower median is the smaller of the middle two, along an axis or of all values", () => {
  const x = tensor([
    [4, 1, 3, 2],
    [10, 40, 20, 30],
  ]);
  expect(lowerMedian(x, 1).numbers()).toEqual([2, 20]);
  expect(lowerMedian(x, -1, true).shape).toEqual([2, 1]);
  expect(lowerMedian(x, 0).numbers()).toEqual([4, 1, 3, 2]);
  expect(lowerMedianOf(x)).toBe(4);
});
