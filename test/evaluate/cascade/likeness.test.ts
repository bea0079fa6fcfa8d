import { expect, test } from "vitest";
import { distanceTo, quantilesOf, strangeness } from "../../../src/evaluate/cascade/likeness.ts";
import { Draws } from "../../../src/foundation/random.ts";

const normal = (n: number, mean: number, seed: number) => {
  const draws = new Draws(seed);
  return Float64Array.from({ length: n }, () => draws.normal(mean));
};

test("the distance of distributions is Kolmogorov's", () => {
  const kept = quantilesOf(Float64Array.from({ length: 201 }, (_, i) => i / 200));
  expect(kept).toHaveLength(201);
  expect(distanceTo(kept, Float64Array.of(2, 3))).toBe(1);
  expect(
    distanceTo(
      kept,
      Float64Array.from({ length: 1000 }, (_, i) => i / 1000),
    ),
  ).toBeLessThan(0.01);
  // Half of the values are below all that were kept.
  expect(
    distanceTo(
      kept,
      Float64Array.from({ length: 1000 }, (_, i) => i / 500 - 1),
    ),
  ).toBeCloseTo(0.5, 2);
  const flat = quantilesOf(new Float64Array(50));
  expect(distanceTo(flat, new Float64Array(9))).toBe(0);
});

test("images like one of the datasets are no strangers; others are, and few images prove nothing", () => {
  const of = (odds: Float64Array) => ({ quantiles: quantilesOf(odds), images: odds.length });
  const kept = [of(normal(5000, 0, 1)), of(normal(5000, 4, 2))];
  expect(strangeness(kept, normal(2000, 0, 3))).toBeNull();
  expect(strangeness(kept, normal(2000, 4, 4))).toBeNull();
  expect(strangeness(kept, normal(2000, 2, 5))).toBeGreaterThan(0.5);
  expect(strangeness(kept, normal(3, 0.5, 6))).toBeNull();
  expect(strangeness(kept, new Float64Array())).toBeNull();
  // What was kept is of few images, too: two draws of one distribution, at a distance that one of thousands would not have.
  const few = of(normal(24, 0.6, 7));
  const many = normal(2000, 0, 8);
  expect(distanceTo(few.quantiles, many)).toBeGreaterThan(0.15);
  expect(strangeness([few], many)).toBeNull();
  expect(strangeness([{ ...few, images: 5000 }], many)).toBeGreaterThan(0.15);
});
