/**
 * Bayes' theorem for finders: posterior odds = prior odds × ∏ p(s_k | lens) / p(s_k | no lens). Where a finder has no score its
 * ratio is 1.
 *
 * Source: Holloway et al. 2024, arXiv:2311.07455, which takes the finders as independent given the class. Finders that saw
 * the same images aren't: they are fooled by the same look-alikes, and the product is too sure.
 *
 * *Our correction*: the sum of the n log ratios of a row is divided by 1 + (n − 1) ρ. This is exact for finders whose scores
 * are normal with the same correlation ρ given the class, and equally good: ρ = 0 is independence, at ρ = 1 they all say the
 * same and count once. ρ is the one of 0, 0.01 … 1 that makes the graded rows most likely. A row with a single score
 * keeps all of its evidence, which one exponent for all rows would not allow.
 */
import { z } from "zod";
import { crossEntropy, logOdds } from "./log-odds.ts";
import { plattTargets } from "./logistic.ts";

export const bayesSchema = z.strictObject({
  rule: z.enum(["bayes", "independent-bayes"]),
  /** ρ; 0 if the finders are taken as independent. */
  correlation: z.number().min(0).max(1),
});
export type BayesRule = z.infer<typeof bayesSchema>;

const STEPS = 100;

/**
 * @param evidence of each finder, held out, NaN for none (M of N)
 * @param positives 1 for a positive, 0 for a negative (N)
 * @param share of positives among them
 */
export function fitBayes(evidence: readonly Float64Array[], positives: Uint8Array, share: number): BayesRule {
  const targets = plattTargets(positives);
  const prior = logOdds(share);
  let [best, correlation] = [Number.POSITIVE_INFINITY, 0];
  for (let step = 0; step <= STEPS; step++) {
    const combined = bayesEvidence({ correlation: step / STEPS }, evidence);
    const loss = combined.reduce((sum, value, i) => sum + crossEntropy(prior + value, targets[i]!), 0);
    if (loss < best) [best, correlation] = [loss, step / STEPS];
  }
  return { rule: "bayes", correlation };
}

/** The combined evidence (N). */
export function bayesEvidence(
  { correlation }: Pick<BayesRule, "correlation">,
  evidence: readonly Float64Array[],
): Float64Array {
  return evidence[0]!.map((_, row) => {
    let [sum, n] = [0, 0];
    for (const column of evidence) {
      if (Number.isNaN(column[row]!)) continue;
      sum += column[row]!;
      n++;
    }
    return n === 0 ? 0 : sum / (1 + (n - 1) * correlation);
  });
}
