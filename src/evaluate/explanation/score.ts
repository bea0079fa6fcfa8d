/** The score that a map explains. */
import { call } from "../../torch/call.ts";
import { cat } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

export const OUTPUTS = ["logit", "log-odds"] as const;

/**
 * `logit`: the class's own score before the softmax, as the papers have it. `log-odds`: log p / (1 − p), the logit minus what
 * speaks for the other classes; with two classes it is the difference of the logits.
 */
export type Output = (typeof OUTPUTS)[number];

/** logits (B, K) → S (B) of a class */
export function scoreOf(logits: Tensor, classIndex: number, output: Output): Tensor {
  if (output === "logit") return logits.select(1, classIndex);
  return tidy(() => {
    const K = logits.shape[1]!;
    const others = cat([logits.slice(1, 0, classIndex), logits.slice(1, classIndex + 1, K)], 1); // (B, K − 1)
    return logits.select(1, classIndex).sub(call("aten::logsumexp", others, [1], false) as Tensor);
  });
}
