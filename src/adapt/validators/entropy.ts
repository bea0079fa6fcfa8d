/** Mean entropy of the target's predictions: confident predictions score high. */
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

export const entropy: Validator = {
  name: "entropy",
  summary: "minus the mean entropy of the target's predictions; blind to a collapse into one class",
  paper: "Morerio et al. 2018 (arXiv:1711.10288)",
  needsTarget: true,
  score: ({ targetLogits }) => -meanEntropy(targetLogits),
};

/** Mean over rows of −Σ p log p, p = softmax(logits), in nats. logits (N, K) */
export function meanEntropy(logits: Tensor): number {
  return tidy(() => {
    const logP = logits.to("float64").logSoftmax(1); // (N, K)
    return -logP.exp().mul(logP).sum(1).mean().item();
  });
}
