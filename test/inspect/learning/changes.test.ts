/** What a new ranking changes, by hand. */
import { expect, test } from "vitest";
import type { Grade } from "../../../src/inspect/grades.ts";
import { changesOf } from "../../../src/inspect/learning/changes.ts";

/** 1200 rows ranked by their number, from the first or from the last. */
const forwards = Int32Array.from({ length: 1200 }, (_, row) => row + 1);
const backwards = Int32Array.from({ length: 1200 }, (_, row) => 1200 - row);
const graded = new Map<number, Grade>([
  [0, "A"],
  [10, "A"],
  [1199, "A"],
  [3, "X"],
]);

test("what is new among the first 500, where graded objects went, and lenses among the next 500", () => {
  const calibrated = new Float64Array(1200).fill(0.01);
  calibrated[1198] = 0.5;
  expect(changesOf({ ranks: forwards }, { ranks: backwards, calibrated }, graded)).toEqual({
    ...{ scored: 1200, head: 500, fresh: 500, next: 500 },
    // Row 1199 is graded: the next 500 are rows 1198 to 699, one of 0.5 and 499 of 0.01.
    expected: expect.closeTo(5.49, 10),
    grades: [
      { grade: "A", objects: 3, before: 11, after: 1190 },
      { grade: "X", objects: 1, before: 4, after: 1197 },
    ],
  });
});

test("decoys are in no count, and without a ranking or probabilities nothing is said of them", () => {
  const some = changesOf(null, { ranks: forwards, calibrated: null }, graded, new Set([1, 2]));
  expect(some).toMatchObject({ scored: 1198, head: 500, fresh: null, next: 500, expected: null });
  expect(some.grades[0]).toEqual({ grade: "A", objects: 3, before: null, after: 11 });
  // Rows 0 to 499 without 1 and 2 are 498; the head reaches on to row 501.
  const same = changesOf({ ranks: forwards }, { ranks: forwards, calibrated: null }, graded, new Set([1, 2]));
  expect(same.fresh).toBe(2);
});

test("one missing probability among the next leaves the number of lenses unknown", () => {
  const calibrated = new Float64Array(1200).fill(0.01);
  calibrated[700] = Number.NaN;
  expect(changesOf(null, { ranks: backwards, calibrated }, graded).expected).toBeNull();
});
