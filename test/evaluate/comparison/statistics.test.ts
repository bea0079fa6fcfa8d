import { describe, expect, test } from "vitest";
import { holm } from "../../../src/evaluate/comparison/holm.ts";
import { componentsOf, less, meanAuroc, overSeeds } from "../../../src/evaluate/comparison/over-seeds.ts";
import { judgeValidators, regret } from "../../../src/evaluate/comparison/validators.ts";
import { studentPValue } from "../../../src/evaluate/distributions.ts";
import { delong, delongPaired } from "../../../src/evaluate/intervals.ts";
import { rankCorrelation, ranks } from "../../../src/evaluate/rank-correlation.ts";
import { rankScores } from "../../../src/evaluate/ranked.ts";
import { Draws } from "../../../src/foundation/random.ts";

describe("the mean over seeds", () => {
  // Two positives, then two negatives.
  const truth = Uint8Array.of(1, 1, 0, 0);
  const one = componentsOf(Float64Array.of(0.9, 0.4, 0.6, 0.1), truth);
  const perfect = componentsOf(Float64Array.of(0.9, 0.8, 0.2, 0.1), truth);

  test("has the seeds' scatter, with Student's t of one degree of freedom fewer than seeds", () => {
    expect(one).toEqual({ value: 0.75, parts: Float64Array.of(1, 0.5, 0.5, 1) });
    // 0.75 and 1: S² = 1/32. A perfect finder has no part of the images' noise, so C = 0.
    const seeds = overSeeds([one, perfect], truth);
    expect(seeds.mean).toBe(0.875);
    expect(seeds.standardError).toBeCloseTo(Math.sqrt(1 / 64), 14);
    expect(seeds.degrees).toBeCloseTo(1, 12);
    expect(seeds.high - seeds.mean).toBeCloseTo(12.7062047 / 8, 6);
    expect(seeds.p).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(0.875 * 8), 10);
  });

  test("keeps what the seeds share: the images' noise is not lowered by more seeds", () => {
    // DeLong by hand: ((¼)² + (¼)²) / (1 · 2) for each class.
    const seeds = overSeeds([one, one, one], truth);
    expect(seeds.standardError ** 2).toBeCloseTo(0.125, 14);
    expect(seeds.degrees).toBe(Number.POSITIVE_INFINITY);
    // Three values 0.75, 0.75, 1 with covariances ⅛, 0, 0: S²/n = (1/48)/3, C = ⅛ · ⅓.
    const mixed = overSeeds([one, one, perfect], truth);
    expect(mixed.standardError ** 2).toBeCloseTo(1 / 144 + 1 / 24, 14);
    expect(mixed.degrees).toBeCloseTo((1 / 144 + 1 / 24) ** 2 / ((1 / 144) ** 2 / 2), 10);
  });

  test("of one seed is DeLong's, of an area and of a difference", () => {
    const draws = new Draws(3);
    const labels = Uint8Array.from({ length: 60 }, (_, i) => Number(i < 20));
    const [a, b] = [0, 1].map((shift) => Float64Array.from(labels, (y) => draws.normal(shift * y + y)));
    const paired = delongPaired(a!, b!, labels);
    const single = overSeeds([less(componentsOf(a!, labels), componentsOf(b!, labels))], labels);
    for (const key of ["standardError", "low", "high"] as const)
      expect(single[key]).toBeCloseTo(paired[key], 10);
    expect(single.mean).toBeCloseTo(paired.difference, 14);
    const { low, high } = delong(rankScores(a!, labels));
    expect(meanAuroc([a!], labels)).toMatchObject({ low, high });
    const twice = meanAuroc([a!, a!], labels);
    expect([twice.low, twice.high].map((x) => x.toFixed(10))).toEqual([low, high].map((x) => x.toFixed(10)));
  });

  test("of equal finders is zero; a single row of a class gives no interval", () => {
    const nothing = less(one, one);
    expect(overSeeds([nothing, nothing], truth)).toMatchObject({ mean: 0, low: 0, high: 0, p: 1 });
    const single = Uint8Array.of(1, 0, 0);
    const run = componentsOf(Float64Array.of(3, 2, 1), single);
    expect(() => overSeeds([run], single)).toThrow("rows of each class must be 2 or more");
  });

  /**
   * Experiments in which images and seeds are drawn again. A score is d·y + an image's own noise, which both methods and all
   * seeds share in part; a seed's d is normal around its method's. The expected AUROC is then Φ(d / √(2σ² + τ²)).
   */
  test("covers the difference over new images and new seeds in 95 % of experiments; DeLong's alone does not", () => {
    const draws = new Draws(11);
    const [positives, negatives, seeds, tau] = [40, 80, 4, 0.3];
    const labels = Uint8Array.from({ length: positives + negatives }, (_, i) => Number(i < positives));
    const [image, method, own] = [0.8, 0.4, 0.4]; // deviations of what all, a method's seeds, and nobody shares
    const area = (d: number) =>
      1 - tailOf(d / Math.sqrt(2 * (image ** 2 + method ** 2 + own ** 2) + tau ** 2));
    const tailOf = (z: number) => studentPValue(z, Number.POSITIVE_INFINITY) / 2;
    const truth = area(1.3) - area(1);
    const experiments = 1000;
    let covered = 0;
    let coveredByImages = 0;
    for (let e = 0; e < experiments; e++) {
      const shared = Float64Array.from(labels, () => draws.normal(0, image));
      const finder = (d: number) => {
        const ofMethod = Float64Array.from(labels, (_, i) => shared[i]! + draws.normal(0, method));
        return Array.from({ length: seeds }, () => {
          const ofSeed = draws.normal(d, tau);
          return componentsOf(
            Float64Array.from(labels, (y, i) => ofSeed * y + ofMethod[i]! + draws.normal(0, own)),
            labels,
          );
        });
      };
      const [a, b] = [finder(1.3), finder(1)];
      const differences = a.map((run, s) => less(run, b[s]!));
      const { low, high } = overSeeds(differences, labels);
      if (low <= truth && truth <= high) covered++;
      const first = overSeeds(differences.slice(0, 1), labels);
      if (first.low <= truth && truth <= first.high) coveredByImages++;
    }
    expect(covered / experiments).toBeGreaterThan(0.93);
    expect(covered / experiments).toBeLessThan(0.975);
    expect(coveredByImages / experiments).toBeLessThan(0.9);
  });
});

test("Holm steps down from the smallest p, and never below the one before", () => {
  // 4 · 0.005, 3 · 0.01, then 2 · 0.03 and 1 · 0.04 lifted to it.
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  expect(adjusted.map((p) => p.toFixed(12))).toEqual([0.03, 0.06, 0.06, 0.02].map((p) => p.toFixed(12)));
  expect(holm([0.6, 0.7])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

describe("validators against the truth", () => {
  test("ranks and their correlation, by hand", () => {
    expect([...ranks([10, 30, 20, 30])]).toEqual([0, 2.5, 1, 2.5]);
    expect(rankCorrelation([1, 2, 3], [10, 20, 15])).toBeCloseTo(0.5, 14);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBe(-1);
    // Ranks 0, 1.5, 1.5 and 0, 1, 2: 1.5 / √(1.5 · 2).
    expect(rankCorrelation([1, 2, 2], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 14);
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
  });

  test("regret is what its choice costs, and the least regret comes first", () => {
    expect(regret([0.1, 0.9, 0.9], [0.8, 0.6, 0.7])).toBeCloseTo(0.1, 14);
    const judged = (scores: Record<string, number>, truth: number) => ({ scores, truth });
    const validators = judgeValidators([
      [judged({ blind: 1, good: 1 }, 0.6), judged({ blind: 0, good: 2 }, 0.8)],
      [],
      [judged({ blind: 1, good: 5 }, 0.9), judged({ blind: 2, good: 4 }, 0.7)],
    ]);
    expect(validators.map(({ name }) => name)).toEqual(["good", "blind"]);
    expect(validators[0]).toMatchObject({ correlation: [1, 1], regret: [0, 0] });
    expect(validators[1]!.regret.map((x) => x.toFixed(10))).toEqual(["0.2000000000", "0.2000000000"]);
  });
});
