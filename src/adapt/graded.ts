/** What methods share that learn from the target's graded rows beside the source. */
import { z } from "zod";
import { evenly, type Tuning } from "../foundation/tuning.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { NumberDeclaration } from "./numbers.ts";

/** The setting that methods have which take graded rows. */
export const gradedSettings = {
  gradedWeight: z
    .number()
    .min(0)
    .default(1)
    .describe("with --graded: weight of the graded rows' cross-entropy; the source's has 1"),
};

/** How `tune` varies `gradedSettings`. */
export const gradedTuning: { readonly [K in keyof typeof gradedSettings]-?: Tuning } = {
  gradedWeight: evenly(0, 4),
};

/** The declaration of the graded rows' loss. */
export const gradedNumber = {
  kind: "loss",
  meaning: "cross-entropy of the graded rows' labels",
  when: "with --graded",
} as const satisfies NumberDeclaration;

/**
 * L_g = −E[Σ_k y_k log softmax(C(M(x)))_k], the cross-entropy of soft labels.
 *
 * @param logits (B, K), @param labels y (B, K), rows with sum 1, @param smoothing share of each label spread over all classes
 */
export function lossGraded(logits: Tensor, labels: Tensor, smoothing = 0): Tensor {
  const y = smoothing === 0 ? labels : labels.mul(1 - smoothing).add(smoothing / labels.shape[1]!);
  return logits.to("float32").logSoftmax(1).mul(y).sum(1).mean().mul(-1);
}
