import { describe, expect, test } from "vitest";
import { type Counts, drawnLenses, sparsest, summed } from "../../../src/evaluate/designed-sample/cell.ts";
import { type GradedStratum, surveyFigures } from "../../../src/evaluate/designed-sample/survey-figures.ts";
import { Draws } from "../../../src/foundation/random.ts";

const counts = (rows: number, graded: number, positives: number): Counts => ({ rows, graded, positives });
const stratum = (all: Counts, ...above: Counts[]): GradedStratum => ({ ...all, above });

describe("by hand", () => {
  // Of 4 rows 2 were graded, 3 rows are above the threshold with both grades; of 10 rows below it 2.
  const strata = [stratum(counts(4, 2, 1), counts(3, 2, 1)), stratum(counts(10, 2, 1), counts(0, 0, 0))];
  const { number, thresholds } = surveyFigures(strata, { seed: 1 });
  const [{ selected, lenses, purity, completeness }] = thresholds as [(typeof thresholds)[number]];

  test("Horvitz and Thompson: each grade weighs as much as the inverse of its probability", () => {
    // 1 / (2/4) above, 1 / (2/10) below.
    expect(lenses.horvitzThompson).toBe(2);
    expect(number.horvitzThompson).toBe(7);
    expect(purity.horvitzThompson).toBeCloseTo(2 / 3, 12);
    expect(completeness.horvitzThompson).toBeCloseTo(2 / 7, 12);
  });

  test("Hájek: the weights above the threshold are made to add up to the rows there", () => {
    expect(selected).toBe(3);
    // 3 · (1/0.5) / (2/0.5); the fourth row, which has no grade on its side, is like its stratum.
    expect(lenses.value).toBeCloseTo(1.5, 12);
    expect(purity.value).toBeCloseTo(0.5, 12);
    expect(number.value).toBe(7);
    expect(completeness.value).toBeCloseTo(1.5 / (1.5 + 0.5 + 5), 12);
  });

  test("intervals hold their values", () => {
    for (const { low, value, high } of [number, lenses, purity, completeness]) {
      expect(low!).toBeLessThanOrEqual(value!);
      expect(high!).toBeGreaterThanOrEqual(value!);
    }
  });
});

test("one seed gives one result", () => {
  const strata = [stratum(counts(1e6, 500, 20), counts(1e5, 80, 9))];
  const figures = (seed: number) => surveyFigures(strata, { seed, draws: 200 });
  expect(figures(1)).toEqual(figures(1));
  expect(figures(1)).not.toEqual(figures(2));
});

test("what was graded whole is known", () => {
  const strata = [stratum(counts(50, 50, 20), counts(30, 30, 18)), stratum(counts(5, 5, 0), counts(0, 0, 0))];
  const { number, thresholds } = surveyFigures(strata, { seed: 0 });
  expect(number).toMatchObject({ value: 20, low: 20, high: 20 });
  expect(thresholds[0]!.purity).toMatchObject({ value: 0.6, low: 0.6, high: 0.6 });
  expect(thresholds[0]!.completeness).toMatchObject({ value: 0.9, low: 0.9, high: 0.9 });
});

test("where no lens was found among thinly sampled rows, there may be some", () => {
  const strata = [
    stratum(counts(100, 100, 40), counts(100, 100, 40)),
    stratum(counts(10_000, 500, 0), counts(0, 0, 0)),
  ];
  const { number, thresholds } = surveyFigures(strata, { seed: 0 });
  expect(number).toMatchObject({ value: 40, low: 40 });
  // Half a lens more in 500: the 97.5 % quantile of Gamma(1/2) is 2.51, times 9,500 / 501.
  expect(number.high! - 40).toBeGreaterThan(40);
  expect(number.high! - 40).toBeLessThan(56);
  expect(thresholds[0]!.completeness).toMatchObject({ value: 1, high: 1 });
  expect(thresholds[0]!.completeness.low).toBeCloseTo(40 / number.high!, 1);
  expect(thresholds[0]!.purity).toMatchObject({ value: 0.4, low: 0.4, high: 0.4 });
});

test("a survey in which no lens was found has no completeness, and says so", () => {
  const strata = [stratum(counts(10, 10, 0), counts(10, 10, 0)), stratum(counts(90, 9, 0), counts(0, 0, 0))];
  const { number, thresholds } = surveyFigures(strata, { seed: 0 });
  expect(number).toMatchObject({ value: 0, low: 0 });
  expect(number.high).toBeGreaterThan(5);
  expect(thresholds[0]!.completeness).toEqual({ value: null, low: 0, high: 1, horvitzThompson: null });
});

test("draws of a cell are the exact limits of the hypergeometric distribution", () => {
  const cell = { ...counts(20, 8, 3), stratum: counts(20, 8, 3) };
  const choose = (n: number, k: number): number =>
    k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
  const DRAWS = 20_000;
  const draws = new Draws(4);
  const drawn = Array.from({ length: DRAWS }, () => summed([drawnLenses(draws, cell, false, null)]));
  for (let K = 3; K <= 15; K++) {
    // P(3 or more of K lenses are among the 8 graded) is the level at which K is the lower limit.
    let tail = 0;
    for (let x = 3; x <= 8; x++) tail += (choose(K, x) * choose(20 - K, 8 - x)) / choose(20, 8);
    const share = drawn.filter((number) => number <= K).length / DRAWS;
    expect(Math.abs(share - tail), `K = ${K}`).toBeLessThan(
      4 * Math.sqrt((tail * (1 - tail)) / DRAWS) + 1e-9,
    );
  }
});

test("the sparsest cell is that of the greatest weight that was not graded whole", () => {
  const cell = (rows: number, graded: number) => ({ ...counts(rows, graded, 0), stratum: counts(100, 1, 0) });
  expect(sparsest([cell(5, 5), cell(100, 10), cell(90, 10)])).toBe(1);
  // Without a grade of its own a cell has its stratum's weight.
  expect(sparsest([cell(100, 10), cell(2, 0)])).toBe(1);
  expect(sparsest([cell(5, 5)])).toBe(-1);
});

test("graders' errors are corrected stratum by stratum, and widen the intervals even of what was graded whole", () => {
  // 0.3 · 0.9 + 0.7 · 0.1 = 0.34.
  const strata = [
    stratum(counts(1000, 1000, 340), counts(0, 0, 0)),
    stratum(counts(1000, 1000, 98), counts(0, 0, 0)),
  ];
  const stated = { sensitivity: { right: 0.9, of: null }, specificity: { right: 0.9, of: null } };
  const exact = surveyFigures(strata, { seed: 1, draws: 1000, errors: stated }).number;
  // The second has 98 positives where errors make 100 on average, 2.5 lenses fewer than none: so may the first.
  expect(exact.value).toBeCloseTo(297.5, 9);
  expect(exact.horvitzThompson).toBe(438);
  expect(exact.low).toBeGreaterThan(260);
  expect(exact.low).toBeLessThan(290);
  const none = [stratum(counts(1000, 500, 40))];
  expect(surveyFigures(none, { seed: 1, draws: 1000, errors: stated }).number).toMatchObject({
    value: 0,
    low: 0,
  });
  const counted = { sensitivity: { right: 45, of: 50 }, specificity: { right: 45, of: 50 } };
  const wider = surveyFigures(strata, { seed: 1, draws: 1000, errors: counted }).number;
  expect(wider.value).toBeCloseTo(297.5, 9);
  expect(wider.high! - wider.low!).toBeGreaterThan(2 * (exact.high! - exact.low!));
});

describe("too few positives among the rows that few graded ones speak for", () => {
  // Sensitivity 0.9, specificity 0.9: shares of 0.34 and 0.08 called lenses are 0.3 and -0.025 lenses.
  const stated = { sensitivity: { right: 0.9, of: null }, specificity: { right: 0.9, of: null } };
  const top = counts(500, 500, 170);
  const deep = counts(40_000, 400, 32);
  const strata = [stratum(top, top), stratum(deep, counts(0, 0, 0))];
  const { number, thresholds } = surveyFigures(strata, { seed: 1, draws: 1000, errors: stated });

  test("don't take away lenses that graders saw", () => {
    // 500 · 0.3 - 400 · 0.025 among graded rows; the other 39,600 would have -990.
    expect(number.value).toBeCloseTo(140, 9);
    expect(thresholds[0]!.lenses.value).toBeCloseTo(150, 9);
    expect(thresholds[0]!.purity.value).toBeCloseTo(0.3, 9);
    expect(thresholds[0]!.completeness.value).toBeCloseTo(1, 9);
    // Of 500 rows graded whole some 150 are lenses, whatever the rest holds.
    expect(number.low).toBeGreaterThan(110);
  });

  test("are set off against too many among others that were not graded", () => {
    // 0.116 called lenses are 0.02: 4 of 200 graded ones, 196 of 9,800 others; with -0.025 of 400 and of 4,000.
    const halves = [stratum(counts(10_000, 200, 23.2)), stratum(counts(4400, 400, 32))];
    const { value } = surveyFigures(halves, { seed: 1, draws: 100, errors: stated }).number;
    // Of graded rows 4 - 10, so none; of others 196 - 100.
    expect(value).toBeCloseTo(96, 9);
  });
});
