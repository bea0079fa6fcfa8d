/** Area under the ROC curve on held-out source rows: it can't see the target, but sees a model that forgot its task. */
import { ArcletError } from "../../foundation/errors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

export const sourceAuroc: Validator = {
  name: "source-auroc",
  summary: "AUROC on the source's val split, the mean over classes of one class against the rest",
  paper:
    "Hand & Till 2001 (one against the rest); the usual choice in Musgrave et al. 2021 (arXiv:2111.15672)",
  needsTarget: false,
  score: ({ sourceLogits, sourceLabels }) => macroAuroc(sourceLogits, sourceLabels),
};

/**
 * AUROC of one class against the rest, the mean over the classes that occur. logits (N, K), labels (N)
 *
 * @throws ArcletError when only one class occurs
 */
export function macroAuroc(logits: Tensor, of: Tensor): number {
  const [n, classes] = logits.shape as [number, number];
  const probabilities = tidy(() => logits.to("float64").softmax(1).data());
  const labels = of.numbers();
  const areas: number[] = [];
  for (let k = 0; k < classes; k++) {
    const positive = labels.map((label) => label === k);
    const count = positive.filter(Boolean).length;
    if (count === 0 || count === n) continue;
    const scores = Float64Array.from(labels, (_, i) => Number(probabilities[i * classes + k]));
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

/** Mann and Whitney's statistic: the chance that a positive scores above a negative, ties counting a half. */
function auroc(scores: Float64Array, positive: readonly boolean[]): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  let below = 0; // negatives with a lower score
  let wins = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let ties = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!])
      if (positive[order[end++]!]) ties++;
    const negatives = end - start - ties;
    wins += ties * (below + negatives / 2);
    positives += ties;
    below += negatives;
    start = end;
  }
  return wins / (positives * below);
}
