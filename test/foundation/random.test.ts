import { expect, test } from "vitest";
import { Draws, keyOf, permutation, uniformAt } from "../../src/foundation/random.ts";

test("draws are uniform, and neighbours in a sequence are independent", () => {
  const draws = new Draws(11);
  const pairs = new Array<number>(100).fill(0);
  for (let i = 0; i < 100_000; i++) {
    pairs[10 * Math.floor(draws.uniform() * 10) + Math.floor(draws.uniform() * 10)]!++;
  }
  // Chi-square of 99 degrees of freedom: 148.2 is exceeded once in 1,000 seeds.
  expect(pairs.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(148.2);
});

test("the first draws of neighbouring seeds are uniform too", () => {
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 10_000; seed++) counts[Math.floor(new Draws(seed).uniform() * 10)]!++;
  // Chi-square of 9 degrees of freedom: 27.9 is exceeded once in 1,000.
  expect(counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
});

test("one seed and index give one number, others another", () => {
  expect(new Draws(11).uniform()).toBe(new Draws(11).uniform());
  expect(new Draws(11).uniform()).not.toBe(new Draws(12).uniform());
  expect(new Draws(11, 1).uniform()).not.toBe(new Draws(11, 2).uniform());
  const draws = new Draws(11, 3);
  const third = [draws.uniform(), draws.uniform(), draws.uniform()][2];
  expect(third).toBe(uniformAt(keyOf(11, 3), 2));
});

test("a permutation holds every number once, in an order that its key determines", () => {
  const order = permutation(1000, keyOf(5));
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(permutation(1000, keyOf(5))).toEqual(order);
  expect(permutation(1000, keyOf(6))).not.toEqual(order);
});
