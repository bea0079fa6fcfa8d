/**
 * A finder's evidence for a lens: the logarithm of the likelihood ratio p(score | lens) / p(score | no lens), which is what
 * its calibrated log odds are above those of the rows that it was calibrated on. It adds to the log odds of any prior.
 *
 * Sources: one slope: Platt 1999, Advances in Large Margin Classifiers; two, one at either end: beta calibration (Kull, Silva
 * Filho & Flach 2017, AISTATS, section 4) of the probability σ(x); any rise: isotonic regression (Zadrozny & Elkan 2002),
 * with which Holloway et al. 2024 (arXiv:2311.07455, section 3) calibrate lens finders. None turns an order around: a finder
 * whose scores are lower for lenses gives no evidence.
 */
import { z } from "zod";
import { fitIsotonic, isotonicAt } from "../../adapt/calibration/isotonic.ts";
import { crossEntropy, logOdds, shareOf, softplus } from "./log-odds.ts";
import { fitLogistic, plattTargets } from "./logistic.ts";

/** From the stiffest. */
export const CALIBRATIONS = ["platt", "beta", "isotonic"] as const;
export type FinderCalibration = (typeof CALIBRATIONS)[number];

const slope = z.number().min(0);
export const evidenceSchema = z.discriminatedUnion("by", [
  /** slope · x + offset */
  z.strictObject({ by: z.literal("platt"), slope, offset: z.number() }),
  /** low · ln σ(x) − high · ln(1 − σ(x)) + offset */
  z.strictObject({ by: z.literal("beta"), low: slope, high: slope, offset: z.number() }),
  /** By the corners of a function of x: linear between them, constant beyond. */
  z.strictObject({
    by: z.literal("isotonic"),
    x: z.array(z.number()).min(1),
    evidence: z.array(z.number()).min(1),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

const NONE: Evidence = { by: "platt", slope: 0, offset: 0 };

/** Whether a finder was found to rank positives no higher than negatives. */
export const saysNothing = (evidence: Evidence): boolean =>
  evidence.by === "isotonic"
    ? new Set(evidence.evidence).size === 1
    : evidence.by === "platt" && evidence.slope === 0;

/**
 * Fitted on graded rows; of rows of one class only nothing is learned, and the evidence is 0 everywhere.
 *
 * @param x a finder's scores on their scale, NaN where it has none (N)
 * @param positives 1 for a positive, 0 for a negative (N)
 */
export function fitEvidence(x: Float64Array, positives: Uint8Array, by: FinderCalibration): Evidence {
  const rows = [...x.keys()].filter((i) => !Number.isNaN(x[i]!));
  const scores = Float64Array.from(rows, (i) => x[i]!);
  const truth = Uint8Array.from(rows, (i) => positives[i]!);
  const share = shareOf(truth);
  if (!(share > 0 && share < 1)) return NONE;
  if (by === "platt") return plattOf(scores, truth);
  if (by === "beta") return betaOf(scores, truth);
  const corners = fitIsotonic(scores, Float64Array.from(truth));
  // A step of rows that are all alike is sure of no more than they can show.
  const least = 1 / (rows.length + 2);
  const sure = (p: number) => Math.min(1 - least, Math.max(least, p));
  return { by, x: corners.x, evidence: corners.y.map((p) => logOdds(sure(p)) - logOdds(share)) };
}

function plattOf(scores: Float64Array, truth: Uint8Array): Evidence {
  const targets = plattTargets(truth);
  const { weights, intercept } = fitLogistic([scores], targets);
  // Less the targets' own prior, so that a finder without a slope gives no evidence at all.
  if (!(weights[0]! > 0)) return NONE;
  return { by: "platt", slope: weights[0]!, offset: intercept - logOdds(shareOf(targets)) };
}

function betaOf(scores: Float64Array, truth: Uint8Array): Evidence {
  const targets = plattTargets(truth);
  const ends = [scores.map((x) => -softplus(-x)), scores.map(softplus)];
  // A slope that would fall is left out (Kull et al., section 4.2).
  const rising = fitLogistic(ends, targets).weights.map((weight) => weight > 0);
  const kept = ends.filter((_, end) => rising[end]);
  const { weights, intercept } = fitLogistic(kept, targets);
  if (weights.length === 0 || weights.some((weight) => !(weight > 0))) return NONE;
  const [low, high] = rising.map((rises, end) => (rises ? weights[end === 0 ? 0 : weights.length - 1]! : 0));
  return { by: "beta", low: low!, high: high!, offset: intercept - logOdds(shareOf(targets)) };
}

/** The calibration with the least cross-entropy on folds that it has not seen; of equals the stiffest. */
export function chosenCalibration(
  x: Float64Array,
  positives: Uint8Array,
  foldOf: Uint8Array,
): FinderCalibration {
  const losses = CALIBRATIONS.map((by) => {
    let loss = 0;
    for (const fold of new Set(foldOf)) {
      const learned = x.map((value, i) => (foldOf[i] === fold ? Number.NaN : value));
      const evidence = fitEvidence(learned, positives, by);
      const prior = logOdds(shareOf(positives.filter((_, i) => foldOf[i] !== fold)));
      for (const [i, value] of x.entries())
        if (foldOf[i] === fold && !Number.isNaN(value))
          loss += crossEntropy(prior + evidenceAt(evidence, value), positives[i]!);
    }
    return loss;
  });
  const least = losses.findIndex((loss) => losses.every((other) => !(other < loss)));
  return CALIBRATIONS[Math.max(0, least)]!;
}

/** The evidence of a score on its scale, in nats; NaN stays NaN. */
export function evidenceAt(evidence: Evidence, x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (evidence.by === "platt") return evidence.slope * x + evidence.offset;
  if (evidence.by === "beta")
    return evidence.high * softplus(x) - evidence.low * softplus(-x) + evidence.offset;
  return isotonicAt({ x: evidence.x, y: evidence.evidence }, x);
}
