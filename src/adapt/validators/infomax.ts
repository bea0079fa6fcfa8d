/**
 * Information maximisation against an expected prior: predictions that are confident one by one and together have the
 * class marginal that is expected of the target.
 *
 * The mutual information of image and class is H(p̄) − mean H(p): largest for confident predictions spread evenly.
 * H(p̄) is, up to a constant, −KL(p̄ ‖ uniform); if one object in a thousand is a lens, an even spread is wrong, so
 * the uniform marginal is replaced by the prior π: score = −KL(p̄ ‖ π) − mean H(p). With a uniform π it is the mutual
 * information minus log K.
 */
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { meanEntropy } from "./entropy.ts";
import type { Validator } from "./validator.ts";

export const infomax: Validator = {
  name: "infomax",
  summary:
    "confident predictions whose class marginal is the expected target prior: -KL(mean p | prior) - mean H(p)",
  paper:
    "Gomes et al. 2010 and Hu et al. 2017 (arXiv:1702.08720), the uniform marginal replaced by the prior",
  needsTarget: true,
  score: ({ targetLogits, prior }) => -divergence(marginal(targetLogits), prior) - meanEntropy(targetLogits),
};

/** Mean predicted probability of each class. logits (N, K) → K */
const marginal = (logits: Tensor): number[] => tidy(() => logits.to("float64").softmax(1).mean(0).numbers());

/** KL(p ‖ q) in nats; 0 · log 0 = 0. */
function divergence(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, pk, k) => (pk > 0 ? sum + pk * Math.log(pk / q[k]!) : sum), 0);
}
