import { expect, test } from "vitest";
import { correlationsOf, filled } from "../../../src/evaluate/combination/imputation.ts";
import { Draws } from "../../../src/foundation/random.ts";

const none = Number.NaN;

test("a missing score is what the others lead one to expect", () => {
  const R = [
    [1, 0.8, 0.5],
    [0.8, 1, 0.4],
    [0.5, 0.4, 1],
  ];
  const x = [
    Float64Array.of(1, none, none, 1),
    Float64Array.of(none, none, none, 2),
    Float64Array.of(none, 3, none, none),
  ];
  const whole = filled(x, R);
  expect([...whole[0]!]).toEqual([1, 1.5, 0, 1].map((value) => expect.closeTo(value, 5)));
  expect([...whole[1]!]).toEqual([0.8, 1.2, 0, 2].map((value) => expect.closeTo(value, 5)));
  // The regression on both: (0.5, 0.4) R₂⁻¹ (1, 2)' = (0.5, 0) · (1, 2)'.
  expect([...whole[2]!]).toEqual([0.5, 3, 0, 0.5].map((value) => expect.closeTo(value, 5)));
  expect(x[0]![1]).toBeNaN();
});

test("correlations are of the rows that have both, within a class if classes are given", () => {
  const a = Float64Array.of(1, 2, 3, none, 11, 12, 13);
  const b = Float64Array.of(3, 2, 1, 9, 13, 12, 11);
  const within = [0, 0, 0, 0, 1, 1, 1];
  expect(correlationsOf([a, b], { within, shrink: false })[0]![1]).toBeCloseTo(-1, 12);
  expect(correlationsOf([a, b], { shrink: false })[0]![1]).toBeGreaterThan(0.9);
  // Six rows against ten that say nothing.
  expect(correlationsOf([a, a])[0]![1]).toBeCloseTo(6 / 16, 12);
});

test("finders that share no row are taken as uncorrelated", () => {
  const R = correlationsOf([Float64Array.of(1, none), Float64Array.of(none, 2)]);
  expect(R).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test("imputed scores have the mean of the true ones", () => {
  const draws = new Draws(8);
  const N = 3000;
  const shared = Float64Array.from({ length: N }, () => draws.normal());
  const [a, b] = [0, 1].map(() => shared.map((s) => Math.sqrt(0.7) * s + Math.sqrt(0.3) * draws.normal()));
  const gaps = b!.map((value, i) => (i % 3 === 0 ? none : value));
  const whole = filled([a!, gaps], correlationsOf([a!, gaps]))[1]!;
  const missing = [...whole.keys()].filter((i) => i % 3 === 0);
  const slope =
    missing.reduce((sum, i) => sum + whole[i]! * b![i]!, 0) /
    missing.reduce((sum, i) => sum + whole[i]! ** 2, 0);
  expect(Math.abs(slope - 1)).toBeLessThan(0.1);
});
