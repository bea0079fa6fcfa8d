/**
 * A finder's evidence for a lens: the logarithm of the likelihood ratio p(score | lens) / p(score | no lens), which is what
 * its calibrated log odds are above those of the rows that it was calibrated on. It adds to the log odds of any prior.
 *
 * Calibration is Platt's (1999, Advances in Large Margin Classifiers) on the score's scale, or isotonic regression (Zadrozny &
 * Elkan 2002; Holloway et al. 2024, arXiv:2311.07455, section 3, calibrates finders so). Neither turns an order around: a
 * finder whose scores are lower for lenses gives no evidence.
 */
import { z } from "zod";
import { fitIsotonic, isotonicAt } from "../../adapt/calibration/isotonic.ts";
import { logOdds, shareOf } from "./log-odds.ts";
import { fitLogistic, plattTargets } from "./logistic.ts";

export const CALIBRATIONS = ["platt", "isotonic"] as const;
export type FinderCalibration = (typeof CALIBRATIONS)[number];

export const evidenceSchema = z.discriminatedUnion("by", [
  /** slope · x + offset */
  z.strictObject({ by: z.literal("platt"), slope: z.number().min(0), offset: z.number() }),
  /** By the corners of a function of x: linear between them, constant beyond. */
  z.strictObject({
    by: z.literal("isotonic"),
    x: z.array(z.number()).min(1),
    evidence: z.array(z.number()).min(1),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

const NONE: Evidence = { by: "platt", slope: 0, offset: 0 };

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
  if (by === "platt") {
    const targets = plattTargets(truth);
    const { weights, intercept } = fitLogistic([scores], targets);
    // The targets' own prior, so that a finder without a slope gives no evidence at all.
    if (!(weights[0]! > 0)) return NONE;
    return { by, slope: weights[0]!, offset: intercept - logOdds(shareOf(targets)) };
  }
  const corners = fitIsotonic(scores, Float64Array.from(truth));
  // A step of rows that are all alike is sure of no more than they can show.
  const least = 1 / (rows.length + 2);
  const sure = (p: number) => Math.min(1 - least, Math.max(least, p));
  return { by, x: corners.x, evidence: corners.y.map((p) => logOdds(sure(p)) - logOdds(share)) };
}

/** The evidence of a score on its scale, in nats; NaN stays NaN. */
export function evidenceAt(evidence: Evidence, x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (evidence.by === "platt") return evidence.slope * x + evidence.offset;
  return isotonicAt({ x: evidence.x, y: evidence.evidence }, x);
}
