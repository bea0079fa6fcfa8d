import { expect, test } from "vitest";
import { linearSolve } from "../../src/foundation/linear-solve.ts";

test("a system is solved whatever the order of its equations", () => {
  // x + 2 y = 5, 3 x + 4 y = 11
  const rows = [
    [1, 2],
    [3, 4],
  ];
  expect(linearSolve(rows, [5, 11], 1e-9)).toEqual([expect.closeTo(1, 14), expect.closeTo(2, 14)]);
  expect(rows[0]).toEqual([1, 2]); // unchanged
  // The first pivot is 0 until rows are exchanged: y = 3, 2 x + y + z = 7, x − z = 1.
  const shifted = [
    [0, 1, 0],
    [2, 1, 1],
    [1, 0, -1],
  ];
  const solution = linearSolve(shifted, [3, 7, 1], 1e-9)!;
  expect(solution.map((value) => Math.round(value * 3))).toEqual([5, 9, 2]); // thirds
});

test("a singular system has no solution, nor has one with NaN", () => {
  const rows = [
    [1, 2],
    [2, 4],
  ];
  expect(linearSolve(rows, [1, 2], 1e-9)).toBeNull();
  expect(linearSolve([[Number.NaN]], [1], 1e-9)).toBeNull();
  expect(linearSolve([[1e-12]], [1], 1e-9)).toBeNull();
  expect(linearSolve([[1e-12]], [1], 1e-300)).toEqual([1e12]);
});
