import { expect, test } from "vitest";
import {
  classFeaturesOf,
  FeatureSums,
  looksDifferent,
  testLabelShift,
} from "../../src/adapt/calibration/label-shift-test.ts";
import { Draws } from "../../src/foundation/random.ts";

test("by hand: Hotelling's statistic of the mean that no mixture of the class means gives", () => {
  // Four features without correlation, variances 1, 4, 1, 1. m − (3/4 μ_0 + 1/4 μ_1) = (0, 0.6, 0, 0): r' C⁻¹ r = 0.09;
  // noise = (9/16 + 1/16) / 100 + 1 / 1000; three degrees of freedom are left of four.
  const source = {
    rows: [100, 100],
    width: 4,
    means: [
      [0, 0, 0, 0],
      [2, 0, 0, 0],
    ],
  };
  const covariance = [1, 4, 1, 1].map((variance, i) => [0, 1, 2, 3].map((j) => (i === j ? variance : 0)));
  const target = { rows: 1000, width: 4, means: [0.5, 0.6, 0, 0], covariance };
  const { z, apart } = testLabelShift(source, target)!;
  const [distance, noise] = [(0.09 * 994) / 999, 0.00625 + 0.001];
  expect(z).toBeCloseTo((distance / noise - 3) / Math.sqrt(6), 10);
  expect(apart).toBeCloseTo(Math.sqrt(distance - 3 * noise), 10);
  expect(testLabelShift(source, { ...target, width: 5 })).toBeNull();
  expect(testLabelShift(source, { ...target, rows: 20 })).toBeNull();
});

const WIDTH = 40;

/** Rows of two classes whose features share half of their variance; `moved` is added to the last feature. */
function drawn(draws: Draws, count: number, lenses: number, moved = 0) {
  const labels = Array.from({ length: count }, (_, n) => Number(n < lenses * count));
  const features = new Float32Array(count * WIDTH);
  for (const [n, label] of labels.entries()) {
    const shared = draws.normal(0, 1);
    for (let f = 0; f < WIDTH; f++)
      features[n * WIDTH + f] =
        (f % 3 === 0 ? 1.5 * label : 0) + shared + draws.normal(0, 1) + (f === WIDTH - 1 ? moved : 0);
  }
  return { labels, features };
}

function tested(seed: number, moved: number) {
  const draws = new Draws(seed);
  const source = drawn(draws, 240, 0.5);
  const sums = new FeatureSums();
  // in batches, as a network sees them
  for (const lenses of [0, 0.3]) sums.add(drawn(draws, 600, lenses, moved).features, 600);
  return testLabelShift(classFeaturesOf(source.features, source.labels, 2)!, sums.moments())!;
}

test("another prior alone is nothing: z has mean 0 and standard deviation 1, correlated features or not", () => {
  const all = Array.from({ length: 60 }, (_, seed) => tested(seed + 1, 0));
  const mean = all.reduce((sum, { z }) => sum + z, 0) / all.length;
  const sigma = Math.sqrt(all.reduce((sum, { z }) => sum + (z - mean) ** 2, 0) / all.length);
  // of sixty: mean to 0.13, standard deviation to 0.1; three hundred gave 0.06 and 1.07, and 4.7 at most
  expect(Math.abs(mean)).toBeLessThan(0.4);
  expect(sigma).toBeGreaterThan(0.75);
  expect(sigma).toBeLessThan(1.35);
  expect(all.filter(looksDifferent)).toHaveLength(0);
});

test("one feature of forty that moves by a standard deviation and a half is seen", () => {
  const { z, apart } = tested(2, 2);
  expect(z).toBeGreaterThan(10);
  expect(apart).toBeGreaterThan(0.5);
  expect(looksDifferent(tested(1, 2))).toBe(true);
});

test("features that never vary tell nothing", () => {
  const source = classFeaturesOf(new Float32Array(80), [0, 0, 1, 1], 2);
  const sums = new FeatureSums();
  sums.add(new Float32Array(20 * 400), 400);
  expect(testLabelShift(source, sums.moments())).toBeNull();
});
