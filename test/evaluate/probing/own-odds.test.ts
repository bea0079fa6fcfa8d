/** A network's own log odds on graded rows: right without grades, bent by many, never reversed. */
import { expect, test } from "vitest";
import { fitOwnOdds } from "../../../src/evaluate/probing/own-odds.ts";
import { Draws } from "../../../src/foundation/random.ts";

test("it is where the gradient of Σ cross-entropy + ½ (slope − 1)² is zero", () => {
  const own = [-2, -1, 0.5, 1, 3];
  const targets = [0.1, 0.6, 0.3, 0.9, 0.8];
  const { slope, intercept } = fitOwnOdds(own, targets);
  const wrong = own.map((l, i) => 1 / (1 + Math.exp(-(slope * l + intercept))) - targets[i]!);
  expect(wrong.reduce((sum, e) => sum + e, 0)).toBeCloseTo(0, 8);
  expect(wrong.reduce((sum, e, i) => sum + e * own[i]!, slope - 1)).toBeCloseTo(0, 8);
});

test("odds that are three times too sure are found to be so", () => {
  const draws = new Draws(2);
  const own = Array.from({ length: 3000 }, () => 6 * draws.normal());
  const targets = own.map((l) => Number(draws.uniform() < 1 / (1 + Math.exp(-l / 3))));
  expect(fitOwnOdds(own, targets).slope).toBeCloseTo(1 / 3, 1);
});

test("an order that the grades contradict is dropped, not reversed", () => {
  const own = Array.from({ length: 40 }, (_, i) => i - 20);
  const targets = own.map((l) => (l < 0 ? 0.9 : 0.1));
  expect(fitOwnOdds(own, targets)).toEqual({ slope: 0, intercept: expect.closeTo(0, 6) });
});
