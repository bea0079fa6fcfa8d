import { describe, expect, test } from "vitest";
import { bootstrapByGroup } from "../../src/evaluate/bootstrap.ts";
import { delong, delongPaired, wilson } from "../../src/evaluate/intervals.ts";
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
    // Symmetric on the logit scale: the logits of the bounds are equally far from the area's.
    const logit = (p: number) => Math.log(p / (1 - p));
    expect(logit(high) - logit(area)).toBeCloseTo(logit(area) - logit(low), 10);
    const slope = 1 / (area * (1 - area));
    expect(logit(high) - logit(low)).toBeCloseTo(2 * 1.959963984540054 * slope * Math.sqrt(variance), 10);
  });

  test("the paired difference knows that rows are shared", () => {
    const paired = delongPaired(scores, Float64Array.from(known.second), truth);
    expect(Math.abs(paired.difference - known.paired.difference)).toBeLessThan(1e-12);
    expect(Math.abs(paired.standardError - known.paired.standardError)).toBeLessThan(1e-12);
    expect(paired.high - paired.low).toBeCloseTo(2 * 1.959963984540054 * paired.standardError, 12);
  });
});

test("a finder compared with itself differs by nothing", () => {
  const { scores, truth } = oracle.cases[0]!;
  const values = Float64Array.from(scores);
  const paired = delongPaired(values, values, Uint8Array.from(truth));
  expect(paired).toMatchObject({ difference: 0, standardError: 0, low: 0, high: 0 });
});

test("perfect separation is not certainty", () => {
  const perfect = delong(rankScores(Float64Array.of(5, 4, 3, 2, 1), Uint8Array.of(1, 1, 0, 0, 0)));
  expect(perfect).toMatchObject({ auroc: 1, variance: 0, high: 1 });
  // Wilson's bound for 2 of 2: 2 / (2 + z²).
  expect(perfect.low).toBeCloseTo(2 / (2 + 1.959963984540054 ** 2), 12);
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
    const groups = Array.from({ length: scores.length * 4 }, (_, i) => `place ${i >> 2}`);
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
