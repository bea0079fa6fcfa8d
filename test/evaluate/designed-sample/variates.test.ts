import { expect, test } from "vitest";
import { beta, binomial } from "../../../src/evaluate/designed-sample/variates.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { mean } from "../../../src/foundation/statistics.ts";

const COUNT = 20_000;
const drawn = (draw: (draws: Draws) => number) => {
  const draws = new Draws(3);
  return Array.from({ length: COUNT }, () => draw(draws));
};

/** ln(n!), summed. */
const logFactorial = (n: number) =>
  Array.from({ length: n }, (_, i) => Math.log(i + 1)).reduce((a, b) => a + b, 0);
const probability = (n: number, p: number, k: number) =>
  Math.exp(
    logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log(1 - p),
  );

test.each([
  [0.5, 0.5],
  [0.5, 200],
  [3, 1],
  [40, 7],
])("Beta(%s, %s) has its mean and variance", (a, b) => {
  const values = drawn((draws) => beta(draws, a, b));
  const middle = a / (a + b);
  const variance = (a * b) / ((a + b) ** 2 * (a + b + 1));
  expect(Math.abs(mean(values) - middle)).toBeLessThan(4 * Math.sqrt(variance / COUNT));
  const squares = values.map((x) => (x - middle) ** 2);
  const fourth = mean(squares.map((s) => (s - variance) ** 2));
  expect(Math.abs(mean(squares) - variance)).toBeLessThan(4 * Math.sqrt(fourth / COUNT));
});

test("at the ends of its parameters a beta is 0 or 1", () => {
  expect(beta(new Draws(1), 0, 3)).toBe(0);
  expect(beta(new Draws(1), 3, 0)).toBe(1);
});

test.each([
  // By waiting times, by one split, by several, and by their complement.
  [12, 0.2],
  [100, 0.3],
  [900, 0.5],
  [60, 0.97],
])("of %i trials of probability %s each number of successes is as frequent as the binomial says", (n, p) => {
  const values = drawn((draws) => binomial(draws, n, p));
  const bins = Array.from({ length: n + 1 }, (_, k) => ({
    expected: COUNT * probability(n, p, k),
    found: 0,
  }));
  for (const value of values) bins[value]!.found++;
  const frequent = bins.filter(({ expected }) => expected >= 10);
  expect(frequent.length).toBeGreaterThan(3);
  const chi2 = frequent.reduce((sum, { expected, found }) => sum + (found - expected) ** 2 / expected, 0);
  const degrees = frequent.length;
  expect(chi2).toBeLessThan(degrees + 4 * Math.sqrt(2 * degrees));
});

test("no trial, and sure ones", () => {
  const draws = new Draws(1);
  expect([binomial(draws, 0, 0.5), binomial(draws, 7, 0), binomial(draws, 1e6, 1)]).toEqual([0, 0, 1e6]);
});
