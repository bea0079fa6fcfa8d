import { expect, test } from "vitest";
import {
  LEAST_PASSED,
  passedProbability,
  rejectedProbability,
} from "../../../src/evaluate/cascade/rejected-scores.ts";

test("rejected images are below every image that passed, in the student's order, in float32 too", () => {
  const odds = [-40, -12, -5, -0.1, 0, 3, 50];
  const rejected = odds.map((one) => Math.fround(rejectedProbability(one)));
  expect([...rejected].sort((a, b) => a - b)).toEqual(rejected);
  for (const [i, p] of rejected.entries()) {
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(Math.fround(passedProbability(0)));
    // All but the lowest and highest odds have scores of their own.
    if (i > 1 && i < odds.length - 1) expect(p).toBeGreaterThan(rejected[i - 1]!);
  }
  // Normal float32 numbers, which no program takes for zero.
  expect(Math.min(...rejected)).toBeGreaterThan(2 ** -126);
});

test("a finder's probabilities stay as they are, but for those that say nothing any more", () => {
  for (const p of [1, 0.5, 1e-9, 1e-20]) expect(passedProbability(p)).toBe(p);
  expect(passedProbability(0)).toBe(LEAST_PASSED);
  expect(passedProbability(1e-30)).toBe(LEAST_PASSED);
});
