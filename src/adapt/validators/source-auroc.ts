/** Area under the ROC curve on held-out source rows: blind to the target, but it shows a model that forgot its task. */
import { ArcletError } from "../../foundation/errors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

export const sourceAuroc: Validator = {
  name: "source-auroc",
  summary: "AUROC on the source's val split, each class against the rest, averaged over classes",
  paper:
    "Hand & Till 2001 (one against the rest); the usual choice in Musgrave et al. 2021 (arXiv:2111.15672)",
  needsTarget: false,
  score: ({ sourceLogits, sourceLabels }) => macroAuroc(sourceLogits, sourceLabels),
};

/**
 * AUROC of each class against the rest, averaged over the classes that occur. logits (N, K), labels (N)
 *
 * @returns NaN for logits that are not finite
 * @throws ArcletError when only one class occurs
 */
export function macroAuroc(logits: Tensor, labels: Tensor): number {
  const [n, classes] = logits.shape as [number, number];
  const probabilities = tidy(() => logits.to("float64").softmax(1).data());
  // NaN compares with nothing: there would be no order.
  if (!probabilities.every(Number.isFinite)) return Number.NaN;
  const classIndices = labels.numbers();
  const areas: number[] = [];
  for (let k = 0; k < classes; k++) {
    const positive = classIndices.map((classIndex) => classIndex === k);
    const count = positive.filter(Boolean).length;
    if (count === 0 || count === n) continue;
    const scores = Float64Array.from(classIndices, (_, i) => Number(probabilities[i * classes + k]));
    areas.push(auroc(scores, positive));
  }
  if (areas.length === 0)
    throw new ArcletError({
      where: "auroc",
      code: "empty",
      problem: "the rows must hold at least two classes, got one",
    });
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

/** Mann and Whitney's statistic: the probability that a positive scores above a negative, ties counting half. */
function auroc(scores: Float64Array, positive: readonly boolean[]): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  let below = 0; // negatives with a lower score
  let wins = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let ties = 0;
    do if (positive[order[end++]!]) ties++;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]);
    const negatives = end - start - ties;
    wins += ties * (below + negatives / 2);
    positives += ties;
    below += negatives;
    start = end;
  }
  return wins / (positives * below);
}
