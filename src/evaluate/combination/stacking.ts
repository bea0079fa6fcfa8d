/**
 * Stacking (Wolpert 1992, Neural Networks 5, 241): a logistic regression on the finders' evidence, learned from rows that
 * their calibration has not seen.
 *
 * *Our penalty* is λ/2 · Σ (w_k − w̄)²: it draws the weights towards each other, not towards 0. At the largest λ all finders
 * count alike, as in Bayes' rule with one exponent; at the smallest each has its own weight. λ is the one of `PENALTIES`
 * with the least cross-validated cross-entropy.
 *
 * A weight may be below 0, of a finder that says less than the others and errs with them; but the combined evidence must rise
 * with the sum of the finders'. Held-out evidence of finders that know nothing is lower for positives, since each fold is
 * predicted by what it lacks, and a fit would take that for knowledge. Such finders together say nothing.
 *
 * Where a finder has no score it is taken to say what the others lead one to expect (`imputation.ts`).
 */
import { z } from "zod";
import { mean } from "../../foundation/statistics.ts";
import { crossEntropy, logOdds, shareOf } from "./log-odds.ts";
import { fitLogistic, type Logistic, logisticAt, plattTargets } from "./logistic.ts";

export const stackingSchema = z.strictObject({
  rule: z.literal("stacking"),
  /** One a finder. */
  weights: z.array(z.number()).min(1),
  /** Added to the weighted sum. */
  offset: z.number(),
  /** λ */
  penalty: z.number().positive(),
});
export type StackingRule = z.infer<typeof stackingSchema>;

/** From the strongest, which wins a tie. */
const PENALTIES = [1000, 300, 100, 30, 10, 3, 1, 0.3];

/**
 * @param evidence of each finder, held out, without gaps (M of N)
 * @param positives 1 for a positive, 0 for a negative (N)
 * @param foldOf the fold of every row, by group (N)
 */
export function fitStacking(
  evidence: readonly Float64Array[],
  positives: Uint8Array,
  foldOf: Uint8Array,
): StackingRule {
  const targets = plattTargets(positives);
  const every = [...positives.keys()];
  const folds = [...new Set(foldOf)];
  const lossOf = (penalty: number) =>
    folds.reduce((sum, fold) => {
      const learned = every.filter((i) => foldOf[i] !== fold);
      const fit = fitOn(evidence, positives, learned, penalty);
      return every
        .filter((i) => foldOf[i] === fold)
        .reduce((part, i) => part + crossEntropy(logisticAt(fit, rowOf(evidence, i)), targets[i]!), sum);
    }, 0);
  const losses = PENALTIES.map(lossOf);
  const penalty = PENALTIES[losses.indexOf(Math.min(...losses))]!;
  const { weights, intercept } = fitOn(evidence, positives, every, penalty);
  return {
    rule: "stacking",
    weights: [...weights],
    // What the intercept is above the prior of its own targets.
    offset: intercept - logOdds(shareOf(targets)),
    penalty,
  };
}

/** λ (I − 11ᵀ / M): half its quadratic form is λ/2 Σ (w_k − w̄)². */
export const drawnTogether = (finders: number, lambda: number): number[][] =>
  Array.from({ length: finders }, (_, i) =>
    Array.from({ length: finders }, (_, j) => lambda * (Number(i === j) - 1 / finders)),
  );

function fitOn(
  evidence: readonly Float64Array[],
  positives: Uint8Array,
  rows: readonly number[],
  penalty: number,
): Logistic {
  const columns = evidence.map((column) => rows.map((i) => column[i]!));
  const targets = plattTargets(rows.map((i) => positives[i]!));
  const fit = fitLogistic(columns, targets, drawnTogether(evidence.length, penalty));
  if (risesTogether(fit.weights, columns)) return fit;
  return { weights: evidence.map(() => 0), intercept: logOdds(shareOf(targets)) };
}

/** Whether Σ w_k e_k and Σ e_k have a covariance above 0. */
function risesTogether(weights: readonly number[], columns: readonly (readonly number[])[]): boolean {
  const combined = columns[0]!.map((_, i) => weights.reduce((sum, w, k) => sum + w * columns[k]![i]!, 0));
  const summed = columns[0]!.map((_, i) => columns.reduce((sum, column) => sum + column[i]!, 0));
  const [a, b] = [mean(combined), mean(summed)];
  return combined.reduce((sum, value, i) => sum + (value - a) * (summed[i]! - b), 0) > 0;
}

const rowOf = (columns: readonly Float64Array[], row: number): number[] =>
  columns.map((column) => column[row]!);

/** The combined evidence (N). @param evidence without gaps (M of N) */
export const stackingEvidence = (
  { weights, offset }: StackingRule,
  evidence: readonly Float64Array[],
): Float64Array =>
  evidence[0]!.map((_, row) => logisticAt({ weights, intercept: offset }, rowOf(evidence, row)));
