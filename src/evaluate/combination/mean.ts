/**
 * The mean of the finders' calibrated probabilities, of those that scored the row. A mean of right probabilities is too near
 * to the middle (Ranjan & Gneiting 2010, Journal of the Royal Statistical Society B 72, 71), so it is calibrated once more.
 */
import { z } from "zod";
import { evidenceAt, evidenceSchema, fitEvidence } from "./evidence.ts";
import { logOdds, sigmoid } from "./log-odds.ts";

export const meanSchema = z.strictObject({
  rule: z.literal("mean"),
  /** Share of positives among the graded rows. */
  share: z.number().gt(0).lt(1),
  /** The evidence of the mean's log odds. */
  evidence: evidenceSchema,
});
export type MeanRule = z.infer<typeof meanSchema>;

/**
 * @param evidence of each finder, held out, NaN for none (M of N)
 * @param positives 1 for a positive, 0 for a negative (N)
 */
export function fitMean(evidence: readonly Float64Array[], positives: Uint8Array, share: number): MeanRule {
  return {
    rule: "mean",
    share,
    evidence: fitEvidence(meanLogOdds(evidence, share), positives, "platt"),
  };
}

/** The combined evidence (N). */
export const meanEvidence = (
  { share, evidence: of }: MeanRule,
  evidence: readonly Float64Array[],
): Float64Array => meanLogOdds(evidence, share).map((z) => evidenceAt(of, z));

/** ln(p̄ / (1 − p̄)); the prior's for a row without a score (N). */
function meanLogOdds(evidence: readonly Float64Array[], share: number): Float64Array {
  const prior = logOdds(share);
  return evidence[0]!.map((_, row) => {
    let [sum, count] = [0, 0];
    for (const column of evidence) {
      if (Number.isNaN(column[row]!)) continue;
      sum += sigmoid(prior + column[row]!);
      count++;
    }
    return count === 0 ? prior : logOdds(sum / count);
  });
}
