/** The rules by hand, on evidence in nats. */
import { expect, test } from "vitest";
import { bayesEvidence, fitBayes } from "../../../src/evaluate/combination/bayes.ts";
import { logOdds, sigmoid } from "../../../src/evaluate/combination/log-odds.ts";
import { fitMean, meanEvidence } from "../../../src/evaluate/combination/mean.ts";
import { fitStacking, stackingEvidence } from "../../../src/evaluate/combination/stacking.ts";
import { Draws } from "../../../src/foundation/random.ts";

const none = Number.NaN;
const N = 2000;
const positives = Uint8Array.from({ length: N }, (_, i) => i % 2);
const foldOf = Uint8Array.from({ length: N }, (_, i) => Math.floor(i / 2) % 5);

/** Evidence of finders whose scores are normal, with a correlation given the class. */
function finders(distances: readonly number[], correlation: number, seed = 1): Float64Array[] {
  const draws = new Draws(seed);
  const shared = Float64Array.from({ length: N }, () => draws.normal());
  return distances.map((d) =>
    Float64Array.from({ length: N }, (_, i) => {
      const noise = Math.sqrt(correlation) * shared[i]! + Math.sqrt(1 - correlation) * draws.normal();
      return d * (d * positives[i]! + noise) - (d * d) / 2;
    }),
  );
}

test("independent Bayes multiplies likelihood ratios, and one that is missing is 1", () => {
  const ratios = [
    [4, 4, none],
    [0.5, none, none],
    [3, 3, none],
  ];
  const evidence = ratios.map((row) => Float64Array.from(row, Math.log));
  const combined = bayesEvidence({ correlation: 0 }, evidence);
  expect([...combined].map(Math.exp)).toEqual([4 * 0.5 * 3, 12, 1].map((ratio) => expect.closeTo(ratio, 12)));
  // Prior odds 1 : 9, posterior odds 6 : 9.
  expect(sigmoid(logOdds(0.1) + combined[0]!)).toBeCloseTo(6 / 15, 12);
});

test("correlated finders count for less, a lone one for all that it says", () => {
  const evidence = [Float64Array.of(2, 2), Float64Array.of(1, none), Float64Array.of(3, none)];
  expect([...bayesEvidence({ correlation: 1 }, evidence)]).toEqual([2, 2]);
  expect([...bayesEvidence({ correlation: 0.5 }, evidence)]).toEqual([3, 2]);
});

test.each([0, 0.4, 0.8])("a correlation of %d is found again", (correlation) => {
  const { correlation: found } = fitBayes(finders([1, 1, 1], correlation), positives, 0.5);
  expect(Math.abs(found - correlation)).toBeLessThan(0.12);
});

test("finders that say the same are one finder", () => {
  const [one] = finders([1.2], 0);
  expect(fitBayes([one!, one!, one!], positives, 0.5).correlation).toBeGreaterThan(0.9);
});

test("the mean is of the probabilities that there are, and calibrated once more", () => {
  const two = finders([1.4, 1.4], 0);
  const rule = fitMean(two, positives, 0.5);
  expect(rule.evidence.by).toBe("platt");
  const { slope, offset } = rule.evidence as { slope: number; offset: number };
  // Means of independent probabilities are too near to the middle.
  expect(slope).toBeGreaterThan(1.2);
  const evidence = [Float64Array.of(logOdds(0.9), logOdds(0.9)), Float64Array.of(logOdds(0.5), none)];
  const combined = meanEvidence(rule, evidence);
  expect(combined[0]).toBeCloseTo(slope * logOdds(0.7) + offset, 10);
  expect(combined[1]).toBeCloseTo(slope * logOdds(0.9) + offset, 10);
});

test("stacking gives a good finder more weight than a weak one that errs with it", () => {
  // Of normal scores with correlation r the best weights of the log ratios d₁, d₂ are (1 − r d₂/d₁) / (1 − r²), and so on.
  const { weights } = fitStacking(finders([1.6, 0.8], 0.5), positives, foldOf);
  const best = [(1 - 0.5 * 0.5) / 0.75, (1 - 0.5 * 2) / 0.75];
  for (const [k, weight] of weights.entries()) expect(Math.abs(weight - best[k]!)).toBeLessThan(0.2);
});

test("stacking of finders that are alike keeps their weights alike", () => {
  const { weights, penalty } = fitStacking(finders([1, 1, 1], 0.6), positives, foldOf);
  // 1 / (1 + 2 · 0.6)
  for (const weight of weights) expect(Math.abs(weight - 1 / 2.2)).toBeLessThan(0.12);
  expect(penalty).toBeGreaterThanOrEqual(1);
});

test("stacked evidence is the weighted sum and an offset", () => {
  const rule = { rule: "stacking", weights: [0.5, 2], offset: -1, penalty: 1 } as const;
  const combined = stackingEvidence({ ...rule, weights: [0.5, 2] }, [Float64Array.of(2), Float64Array.of(3)]);
  expect([...combined]).toEqual([0.5 * 2 + 2 * 3 - 1]);
});

test("finders that know nothing, whose held-out evidence is lower for positives, are not turned around", () => {
  const draws = new Draws(4);
  const wrong = [0, 1].map(() => Float64Array.from(positives, (y) => draws.normal(-0.2 * y, 0.3)));
  const { weights, offset } = fitStacking(wrong, positives, foldOf);
  expect(weights).toEqual([0, 0]);
  expect(offset).toBeCloseTo(0, 12);
});

test("the weights of weak finders that err with good ones may be below 0, even in sum", () => {
  // Of normal scores with correlation 1/2 the best weights are 2 (1 − Σd / (6 d_k)): 1.04, 0.72, 0.30, −0.56, −3.11.
  const distances = [1.6, 1.2, 0.9, 0.6, 0.3];
  const { weights } = fitStacking(finders(distances, 0.5), positives, foldOf);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(0);
  // In units of the scores' deviations.
  for (const [k, weight] of weights.entries())
    expect(Math.abs(weight - 2 * (1 - 4.6 / (6 * distances[k]!))) * distances[k]!).toBeLessThan(0.25);
});
