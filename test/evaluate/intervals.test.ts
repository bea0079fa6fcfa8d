import { describe, expect, test } from "vitest";
import { bootstrapByGroup } from "../../src/evaluate/bootstrap.ts";
import { studentCritical, studentPValue } from "../../src/evaluate/distributions.ts";
import { delong, delongPaired, wilson } from "../../src/evaluate/intervals.ts";
import { averagePrecisionInterval } from "../../src/evaluate/precision-interval.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { auroc, averagePrecision } from "../../src/evaluate/ranking.ts";
import { Draws } from "../../src/foundation/random.ts";
import { oracle } from "./oracle.ts";

describe.each(oracle.cases)("DeLong of scores that are $name is that of all pairs", (known) => {
  const truth = Uint8Array.from(known.truth);
  const scores = Float64Array.from(known.scores);

  test("area and variance", () => {
    const { auroc: area, variance, low, high } = delong(rankScores(scores, truth));
    expect(Math.abs(area - known.delongAuroc)).toBeLessThan(1e-12);
    expect(Math.abs(variance - known.delongVariance)).toBeLessThan(1e-12);
    // With so many rows its width is that of DeLong's variance, to a few per cent.
    expect((high - low) / (2 * 1.959963984540054 * Math.sqrt(variance))).toBeCloseTo(1, 0.7);
    expect(low).toBeLessThan(area);
    expect(high).toBeGreaterThan(area);
  });

  test("the paired difference accounts for shared rows", () => {
    const paired = delongPaired(scores, Float64Array.from(known.second), truth);
    expect(Math.abs(paired.difference - known.paired.difference)).toBeLessThan(1e-12);
    expect(Math.abs(paired.standardError - known.paired.standardError)).toBeLessThan(1e-12);
    const width = (paired.high - paired.low) / (2 * 1.959963984540054 * paired.standardError);
    expect(width).toBeGreaterThan(1 - 1e-12);
    expect(width).toBeLessThan(1.3);
  });
});

test("a finder does not differ from itself", () => {
  const { scores, truth } = oracle.cases[0]!;
  const values = Float64Array.from(scores);
  const paired = delongPaired(values, values, Uint8Array.from(truth));
  expect(paired).toMatchObject({ difference: 0, standardError: 0, low: 0, high: 0 });
});

test("perfect separation is not certainty", () => {
  const perfect = delong(rankScores(Float64Array.of(5, 4, 3, 2, 1), Uint8Array.of(1, 1, 0, 0, 0)));
  expect(perfect).toMatchObject({ auroc: 1, variance: 0, high: 1 });
  // By hand: no error, so both classes have the model's variance v(θ) = θ / (2 (2 − θ)) + θ² / (1 + θ) − θ², and the bound
  // solves (1 − θ)² = t² ((v + θ (1 − θ) / 3) / 2 + (v + θ (1 − θ) / 2) / 3). t has 4 (a + b)² / (a² + b²) degrees, a and b
  // the two terms at θ = 6.5 / 7.
  const v = (x: number) => x / (2 * (2 - x)) + (x * x) / (1 + x) - x * x;
  const terms = (x: number) => [(v(x) + (x * (1 - x)) / 3) / 2, (v(x) + (x * (1 - x)) / 2) / 3] as const;
  const [a, b] = terms(6.5 / 7);
  const t = studentCritical(0.05, (4 * (a + b) ** 2) / (a * a + b * b));
  const [c, d] = terms(perfect.low);
  expect((1 - perfect.low) ** 2).toBeCloseTo(t * t * (c + d), 10);
  expect(perfect.low).toBeLessThan(0.5);
});

test("two finders that both separate the classes may differ; one that is the other does not", () => {
  const labels = Uint8Array.of(1, 1, 0, 0, 0);
  const [a, b] = [Float64Array.of(5, 4, 3, 2, 1), Float64Array.of(5, 4, 1, 2, 3)];
  const { difference, low, high } = delongPaired(a, b, labels);
  expect(difference).toBe(0);
  expect(low).toBeLessThan(-0.3);
  expect(high).toBeGreaterThan(0.3);
});

describe("the interval of an AUROC and of an average precision, in experiments of few lenses", () => {
  const tail = (z: number) => studentPValue(z, Number.POSITIVE_INFINITY) / 2;
  /** Normal scores of deviation 1 (negatives) and `deviation` (positives) of a given area Φ(d / √(1 + deviation²)). */
  const experiment = (d: number, deviation: number, [P, N]: readonly [number, number], seed: number) => {
    const draws = new Draws(seed);
    const labels = Uint8Array.from({ length: P + N }, (_, i) => Number(i < P));
    return () => ({
      labels,
      scores: Float64Array.from(labels, (y) => (y === 1 ? draws.normal(d, deviation) : draws.normal())),
    });
  };

  test.each([
    [1.2, 1, [5, 100]],
    [2.6, 1, [5, 100]],
    [3.3, 1, [20, 20]],
    [4, 2, [10, 200]],
    [4.4, 1, [30, 300]],
  ] as const)("an area at a distance of %f, deviation %f, of %j rows", (d, deviation, rows) => {
    const draw = experiment(d, deviation, rows, 5);
    const area = 1 - tail(d / Math.sqrt(1 + deviation ** 2));
    let covered = 0;
    const experiments = 1000;
    for (let e = 0; e < experiments; e++) {
      const { scores, labels } = draw();
      const { low, high } = delong(rankScores(scores, labels));
      if (low <= area && area <= high) covered++;
    }
    expect(covered / experiments).toBeGreaterThan(0.93);
    expect(covered / experiments).toBeLessThanOrEqual(1);
  });

  test("an average precision of ten lenses among a hundred others", () => {
    const [P, N] = [10, 100];
    // Its true value: the mean over lenses of πT / (πT + (1 − π) F), T their share above, F the others' tail.
    const [d, steps] = [2, 20_000];
    let truth = 0;
    for (let i = 0; i < steps; i++) {
      const T = (i + 0.5) / steps;
      let [low, high] = [-8, 12];
      for (let k = 0; k < 60; k++) {
        const middle = (low + high) / 2;
        const above = middle < d ? 1 - tail(d - middle) : tail(middle - d);
        if (above > T) low = middle;
        else high = middle;
      }
      const F = low < 0 ? 1 - tail(-low) : tail(low);
      truth += (P * T) / (P * T + N * F) / steps;
    }
    const draw = experiment(d, 1, [P, N], 6);
    let [covered, percentile] = [0, 0];
    const experiments = 1000;
    for (let e = 0; e < experiments; e++) {
      const { scores, labels } = draw();
      const { low, high } = averagePrecisionInterval(rankScores(scores, labels));
      if (low <= truth && truth <= high) covered++;
      if (low > 0 && high < 1) percentile++;
    }
    expect(covered / experiments).toBeGreaterThan(0.93);
    expect(percentile).toBe(experiments);
  });
});

describe("the interval of an average precision", () => {
  const draws = new Draws(8);
  const labels = Uint8Array.from({ length: 1200 }, (_, i) => Number(i < 300));
  const scores = Float64Array.from(labels, (y) => Math.round(20 * draws.normal(1.2 * y)) / 20);
  const width = ({ low, high }: { low: number; high: number }) =>
    Math.log(high / (1 - high)) - Math.log(low / (1 - low));

  test("has the width of a jackknife over rows, where there are many", () => {
    const value = averagePrecision(rankScores(scores, labels));
    // Leave one out, class by class: (n − 1) / n times the sum of squares.
    let variance = 0;
    for (const [truth, count] of [
      [1, 300],
      [0, 900],
    ] as const) {
      const left = Array.from(labels, (label, i) => (label === truth ? i : -1))
        .filter((i) => i >= 0)
        .map((out) =>
          averagePrecision(
            rankScores(
              scores.filter((_, i) => i !== out),
              labels.filter((_, i) => i !== out),
            ),
          ),
        );
      const mean = left.reduce((sum, x) => sum + x, 0) / count;
      variance += ((count - 1) / count) * left.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    }
    // Boyd's variance has the weight of 8 of some 200 effective positives.
    const expected = (2 * 1.959963984540054 * Math.sqrt(variance)) / (value * (1 - value));
    expect(width(averagePrecisionInterval(rankScores(scores, labels))) / expected).toBeCloseTo(1, 1);
  });

  test("is twice as wide where each row stands there four times in its group", () => {
    const four = Float64Array.from({ length: 4800 }, (_, i) => scores[i >> 2]!);
    const truth = Uint8Array.from(four, (_, i) => labels[i >> 2]!);
    const ranked = rankScores(four, truth);
    const groups = Uint32Array.from(four, (_, i) => i >> 2);
    const grouped = averagePrecisionInterval(ranked, { scores: four, positives: truth, groups });
    expect(width(grouped) / width(averagePrecisionInterval(ranked))).toBeCloseTo(2, 3);
    const own = Uint32Array.from(four, (_, i) => i);
    expect(averagePrecisionInterval(ranked, { scores: four, positives: truth, groups: own })).toEqual(
      averagePrecisionInterval(ranked),
    );
  });

  test("of perfect separation ends at 1 and has Boyd's width below", () => {
    const { low, high } = averagePrecisionInterval(
      rankScores(Float64Array.of(5, 4, 3, 2), Uint8Array.of(1, 1, 0, 0)),
    );
    // A quarter of a positive is lost: 7/8, and a logit's deviation of 1 / √(2 · 7/8 · 1/8).
    const logit = Math.log(7) - 1.959963984540054 / Math.sqrt((2 * 7) / 64);
    expect(low).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
    expect(high).toBe(1);
  });
});

test("one row of a class gives no interval", () => {
  const single = rankScores(Float64Array.of(3, 2, 1), Uint8Array.of(1, 0, 0));
  expect(() => delong(single)).toThrow("rows of each class must be 2 or more for an interval, got 1");
});

test("the interval covers the true area in 95 % of experiments", () => {
  // Exponential scores of rates 1 (positives) and 2: P(positive above negative) = 2/3.
  const draws = new Draws(7);
  const truth = Uint8Array.from({ length: 90 }, (_, i) => (i < 30 ? 1 : 0));
  let covered = 0;
  const experiments = 2000;
  for (let e = 0; e < experiments; e++) {
    const scores = Float64Array.from(truth, (t) => -Math.log(1 - draws.uniform()) / (t === 1 ? 1 : 2));
    const { low, high } = delong(rankScores(scores, truth));
    if (low <= 2 / 3 && 2 / 3 <= high) covered++;
  }
  expect(covered / experiments).toBeGreaterThan(0.93);
  expect(covered / experiments).toBeLessThan(0.97);
});

describe("Wilson's interval", () => {
  test("solves its defining equation (p − bound)² = z² bound (1 − bound) / n", () => {
    for (const [k, n] of [
      [3, 10],
      [11, 94],
      [999, 1000],
    ] as const) {
      const { low, high } = wilson(k, n);
      for (const bound of [low, high]) {
        const p = k / n;
        expect((p - bound) ** 2).toBeCloseTo((1.959963984540054 ** 2 * bound * (1 - bound)) / n, 12);
      }
      expect(low).toBeLessThan(k / n);
      expect(high).toBeGreaterThan(k / n);
    }
  });

  test("has a width at 0 and 1, and ends there exactly", () => {
    const none = wilson(0, 20);
    expect(none.low).toBe(0);
    expect(none.high).toBeCloseTo(1.959963984540054 ** 2 / (20 + 1.959963984540054 ** 2), 12);
    expect(wilson(20, 20).high).toBe(1);
    expect(() => wilson(3, 2)).toThrow("successes must be between 0 and the 2 trials, got 3");
    expect(() => wilson(0, 0)).toThrow("trials must be above 0, got 0");
  });
});

describe("the bootstrap by group", () => {
  const known = oracle.cases[0]!;
  const scores = Float64Array.from(known.scores);
  const truth = Uint8Array.from(known.truth);
  const options = { resamples: 1000, seed: 3 };

  test("of independent rows agrees with DeLong's interval", async () => {
    const bootstrap = (await bootstrapByGroup(scores, truth, undefined, { auroc }, options)).auroc;
    const exact = delong(rankScores(scores, truth));
    expect(Math.abs(bootstrap.low - exact.low)).toBeLessThan(0.006);
    expect(Math.abs(bootstrap.high - exact.high)).toBeLessThan(0.006);
  });

  test("is wider by the root of 4 when each row stands there four times in its group", async () => {
    const four = <T extends Float64Array | Uint8Array>(values: T): T => {
      const out = values.constructor as unknown as new (length: number) => T;
      const repeated = new out(values.length * 4);
      for (let i = 0; i < repeated.length; i++) repeated[i] = values[i >> 2]!;
      return repeated;
    };
    const groups = Array.from({ length: scores.length * 4 }, (_, i) => `position ${i >> 2}`);
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const once = (await bootstrapByGroup(scores, truth, undefined, { auroc }, options)).auroc;
    const grouped = (await bootstrapByGroup(four(scores), four(truth), groups, { auroc }, options)).auroc;
    const rows = (await bootstrapByGroup(four(scores), four(truth), undefined, { auroc }, options)).auroc;
    expect(width(grouped) / width(once)).toBeCloseTo(1, 1);
    expect(width(grouped) / width(rows)).toBeCloseTo(2, 0);
  });

  test("repeats by its seed, and only by it", async () => {
    const run = (seed: number) =>
      bootstrapByGroup(scores, truth, undefined, { auroc, averagePrecision }, { resamples: 100, seed });
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });

  test("resamples hold whole groups, as many as there are", async () => {
    const sizes = new Set<number>();
    const groups = [1, 1, 1, 2, 2, 2];
    await bootstrapByGroup(
      Float64Array.of(6, 5, 4, 3, 2, 1),
      Uint8Array.of(1, 0, 1, 0, 1, 0),
      groups,
      {
        count(ranked) {
          sizes.add(ranked.positives + ranked.negatives);
          // Group 1 holds scores 6, 5, 4; they are drawn equally often.
          expect(ranked.positive[0]).toBe(ranked.negative[1]);
          expect(ranked.positive[0]).toBe(ranked.positive[2]);
          return 0;
        },
      },
      { resamples: 50, seed: 1 },
    );
    expect([...sizes]).toEqual([6]);
  });

  test("refuses too few resamples and lengths that differ; a single group is drawn as it is", async () => {
    const run = (groups: number[] | undefined, resamples = 100) =>
      bootstrapByGroup(Float64Array.of(2, 1), Uint8Array.of(1, 0), groups, { auroc }, { resamples, seed: 1 });
    await expect(run(undefined, 10)).rejects.toThrow("resamples must be a whole number, 40 or more");
    await expect(run([1])).rejects.toThrow("groups must be as many as the 2 rows, got 1");
    expect((await run([1, 1])).auroc).toEqual({ low: 1, high: 1 });
  });
});
