import { expect, test } from "vitest";
import {
  drawnRates,
  errorsOnDecoys,
  lensesAmongGraded,
  lensShare,
  parseGraderErrors,
} from "../../../src/evaluate/designed-sample/grader-errors.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { mean } from "../../../src/foundation/statistics.ts";

test("sensitivity and specificity are read as shares or as counts", () => {
  expect(parseGraderErrors("estimate", "decoys")).toBe("decoys");
  expect(parseGraderErrors("estimate", "0.9,990/1000")).toEqual({
    sensitivity: { right: 0.9, of: null },
    specificity: { right: 990, of: 1000 },
  });
});

test.each(["", "0.9", "0.9,0.9,0.9", "1.2,0.9", "5/4,0.9", "1/2/3,0.9", "0.9,", "x,1", "1.5/3,1", "0/0,1"])(
  "%j is refused",
  (text) => {
    expect(() => parseGraderErrors("estimate", text)).toThrow(
      "estimate: --grader-errors must be decoys, or a sensitivity and a specificity",
    );
  },
);

test("graders who do no better than chance are refused", () => {
  expect(() => parseGraderErrors("estimate", "0.3,0.7")).toThrow("must be above 1 in sum, got 1");
  expect(() => errorsOnDecoys("sample.csv", { sensitivity: null, specificity: { right: 3, of: 3 } })).toThrow(
    'sample.csv: decoys must be graded ones of both classes, lens and not-lens, got "none of lens"',
  );
});

test("Rogan and Gladen's share, by hand", () => {
  const rates = { sensitivity: 0.9, specificity: 0.8 };
  // 0.3 · 0.9 + 0.7 · 0.2 = 0.41 is called lenses.
  expect(lensShare(0.41, rates)).toBeCloseTo(0.3, 12);
  // 0.2 would be called lenses without any.
  expect(lensShare(0.13, rates)).toBeCloseTo(-0.1, 12);
  expect(lensShare(0.95, rates)).toBe(1);
  expect(lensShare(0.37, { sensitivity: 1, specificity: 1 })).toBeCloseTo(0.37, 12);
  expect(lensShare(0.37, null)).toBe(0.37);
});

test("lenses among graded rows: none is lost or made where graders don't err, and as Bayes says where they do", () => {
  const draws = new Draws(2);
  const cell = { graded: 100, positives: 30 };
  expect(lensesAmongGraded(draws, cell, 0.3, { sensitivity: 1, specificity: 1 })).toBe(30);
  const rates = { sensitivity: 0.8, specificity: 0.9 };
  const drawn = Array.from({ length: 4000 }, () => lensesAmongGraded(draws, cell, 0.3, rates));
  // Of the positives 0.24 / 0.31 are lenses, of the others 0.06 / 0.69.
  const expected = (30 * 0.24) / 0.31 + (70 * 0.06) / 0.69;
  expect(Math.abs(mean(drawn) - expected)).toBeLessThan(0.2);
});

test("stated rates are exact, counted ones vary as much as their counts say", () => {
  const errors = { sensitivity: { right: 0.9, of: null }, specificity: { right: 90, of: 100 } };
  const rates = Array.from({ length: 4000 }, (_, k) => drawnRates(new Draws(k), errors));
  expect(new Set(rates.map(({ sensitivity }) => sensitivity))).toEqual(new Set([0.9]));
  const specificities = rates.map(({ specificity }) => specificity);
  expect(mean(specificities)).toBeCloseTo(90.5 / 101, 2);
  const variance = mean(specificities.map((s) => (s - 90.5 / 101) ** 2));
  expect(Math.sqrt(variance)).toBeCloseTo(Math.sqrt((90.5 * 10.5) / (101 ** 2 * 102)), 2);
});
