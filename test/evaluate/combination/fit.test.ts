/** Combinations fitted on graded rows, and what is said of them. */
import { expect, test } from "vitest";
import {
  crossFitted,
  evidenceOf,
  fitCombination,
  type GradedScores,
  RULES,
} from "../../../src/evaluate/combination/fit.ts";
import { correlationsOf } from "../../../src/evaluate/combination/imputation.ts";
import { judgeCombination } from "../../../src/evaluate/combination/judge.ts";
import { rankScores } from "../../../src/evaluate/ranked.ts";
import { auroc } from "../../../src/evaluate/ranking.ts";
import { Draws } from "../../../src/foundation/random.ts";

const options = { calibration: "platt", folds: 5, seed: 1 } as const;

const groupsOf = (rows: number) => Uint32Array.from({ length: rows }, (_, i) => i);

/** Finders' normal scores of rows of which two in five are positives; each row is a group of its own. */
function graded(distances: readonly number[], rows: number, seed: number, missing = 0): GradedScores {
  const draws = new Draws(seed);
  const positives = Uint8Array.from({ length: rows }, (_, i) => Number(i % 5 < 2));
  const x = distances.map((d) =>
    Float64Array.from(positives, (y) => {
      const score = draws.normal(d * y);
      return draws.uniform() < missing ? Number.NaN : score;
    }),
  );
  return { x, positives, groups: groupsOf(rows), correlations: correlationsOf(x) };
}
const area = (z: Float64Array, positives: Uint8Array) => auroc(rankScores(z, positives));

test.each(RULES)(
  "%s of two independent finders is better than either, on rows that it has not seen",
  (rule) => {
    const fit = fitCombination(graded([1.2, 1.2], 200, 1), { ...options, rule });
    const { x, positives, correlations } = graded([1.2, 1.2], 3000, 2);
    const { combined, finders } = evidenceOf(fit, x, correlations);
    // Φ(1.2 / √2) = 0.802 of one, Φ(1.2) = 0.885 of both.
    expect(area(combined, positives)).toBeGreaterThan(0.87);
    for (const one of finders) expect(area(one, positives)).toBeLessThan(0.83);
  },
);

test.each(RULES)("%s combines rows that lack scores, and a row without any keeps the prior", (rule) => {
  const fit = fitCombination(graded([1.2, 1.2, 1.2], 300, 3, 0.3), { ...options, rule });
  const none = Number.NaN;
  const x = [
    Float64Array.of(2, 2, none, 2),
    Float64Array.of(2, none, none, none),
    Float64Array.of(2, none, none, -2),
  ];
  const { combined, finders } = evidenceOf(fit, x, correlationsOf(graded([1.2, 1.2, 1.2], 300, 3).x));
  expect(combined.every(Number.isFinite)).toBe(true);
  expect(combined[2]).toBe(0);
  expect(finders[0]![2]).toBeNaN();
  // Three say yes, one says yes, one says yes and one no.
  expect(combined[0]).toBeGreaterThan(combined[1]!);
  expect(combined[1]).toBeGreaterThan(combined[3]!);
});

test.each(["stacking", "bayes"] as const)(
  "held out by group, %s finds nothing where grades are random",
  (rule) => {
    // 14 objects of which 5 rows each share all but a little of their 6 scores, and a grade that no score knows. With rows of an
    // object on both sides, the fit knows its grade; with whole groups held out there is nothing to know.
    const areas = [1, 2, 3, 4].map((seed) => {
      const draws = new Draws(seed);
      const objects = Array.from({ length: 14 }, (_, g) => ({
        y: g % 2,
        at: Array.from({ length: 6 }, () => draws.normal()),
      }));
      const rows = objects.flatMap((object) => Array<typeof object>(5).fill(object));
      const x = objects[0]!.at.map((_, k) =>
        Float64Array.from(rows, ({ at }) => at[k]! + draws.normal(0, 0.01)),
      );
      const positives = Uint8Array.from(rows, ({ y }) => y);
      const by = (groups: Uint32Array) => {
        const scores = { x, positives, groups, correlations: correlationsOf(x) };
        return area(crossFitted(scores, { ...options, rule }).combined, positives);
      };
      return {
        apart: by(groupsOf(rows.length)),
        together: by(Uint32Array.from(rows, (_, i) => Math.floor(i / 5))),
      };
    });
    const mean = (of: "apart" | "together") => areas.reduce((sum, one) => sum + one[of], 0) / areas.length;
    expect(mean("apart")).toBeGreaterThan(0.68);
    expect(mean("together")).toBeLessThan(0.6);
  },
);

test("a finder that is noise is seen to add nothing, a good one to add much", async () => {
  const judged = await judgeCombination(graded([1.2, 1.2, 0], 300, 5), { ...options, rule: "stacking" });
  const [first, second, noise] = judged.finders;
  expect(first!.adds!.low).toBeGreaterThan(0);
  expect(second!.gain!.low).toBeGreaterThan(0);
  expect(noise!.adds!.low).toBeLessThanOrEqual(0);
  expect(noise!.adds!.high).toBeLessThan(0.03);
  expect(judged.auroc.auroc).toBeCloseTo(first!.gain!.first, 12);
  expect(first!.gain!.value).toBeCloseTo(judged.auroc.auroc - first!.auroc.auroc, 12);
  expect(Math.abs(judged.correlations[0]![1]!)).toBeLessThan(0.2);
});

test("without one of two finders the other is left, by its own order", async () => {
  const judged = await judgeCombination(graded([1, 1.5], 100, 6), { ...options, rule: "bayes" });
  expect(judged.finders[0]!.adds).toEqual(judged.finders[1]!.gain);
});

test("groups of several rows widen an interval", async () => {
  const one = graded([1.5, 0.5], 80, 7);
  const twice = (values: Float64Array) => Float64Array.from([...values, ...values]);
  const doubled = {
    x: one.x.map(twice),
    positives: Uint8Array.from([...one.positives, ...one.positives]),
    correlations: one.correlations,
  };
  const width = async (groups: Uint32Array) => {
    const { finders } = await judgeCombination({ ...doubled, groups }, { ...options, rule: "mean" });
    const { low, high } = finders[1]!.gain!;
    return high - low;
  };
  const together = await width(Uint32Array.from({ length: 160 }, (_, i) => i % 80));
  expect(together).toBeGreaterThan(1.1 * (await width(groupsOf(160))));
});

test("one seed gives one result", () => {
  const rows = graded([1, 0.7], 60, 9);
  const with_ = (seed: number) => crossFitted(rows, { ...options, rule: "stacking", seed }).combined;
  expect(with_(4)).toEqual(with_(4));
  expect(with_(4)).not.toEqual(with_(5));
});
