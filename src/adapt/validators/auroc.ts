/**
 * Area under the ROC curve of K classes, each against the rest, averaged over the classes that occur (Hand & Till 2001), of
 * sure labels and of soft ones.
 *
 * A soft label p counts as a positive with weight p and as a negative with weight 1 − p (Keilwagen, Grosse & Grau 2014,
 * PLoS ONE 9, e92209). Of rows i with scores sᵢ, a tie counting half,
 *
 *     AUROC = Σ_{i≠j} pᵢ (1 − pⱼ) [sᵢ > sⱼ] / Σ_{i≠j} pᵢ (1 − pⱼ):
 *
 * the pairs in order among all pairs, both as expected if each row's class is drawn by its soft label. No row is paired with
 * itself. Sure labels give Mann and Whitney's statistic. Soft ones have a maximum below 1, the same for every network.
 */
import { ArcletError } from "../../foundation/errors.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/**
 * @param logits (N, K)
 * @param labels (N), class indices
 * @returns NaN for logits that are not finite
 * @throws ArcletError when only one class occurs
 */
export function macroAuroc(logits: Tensor, labels: Tensor): number {
  const classIndices = labels.numbers();
  return meanArea(logits, (i, k) => (classIndices[i] === k ? 1 : 0));
}

/**
 * @param logits (N, K)
 * @param labels (N, K), the probability of each class
 * @returns NaN for logits that are not finite
 * @throws ArcletError when only one class occurs
 */
export function softAuroc(logits: Tensor, labels: Tensor): number {
  const [, classes] = labels.shape as [number, number];
  const probabilities = labels.numbers();
  return meanArea(logits, (i, k) => probabilities[i * classes + k]!);
}

/** @param labelOf how surely row i is of class k */
function meanArea(logits: Tensor, labelOf: (i: number, k: number) => number): number {
  const [n, classes] = logits.shape as [number, number];
  const probabilities = tidy(() => logits.to("float64").softmax(1).data());
  // NaN compares with nothing: there would be no order.
  if (!probabilities.every(Number.isFinite)) return Number.NaN;
  const areas: number[] = [];
  for (let k = 0; k < classes; k++) {
    const scores = Float64Array.from({ length: n }, (_, i) => Number(probabilities[i * classes + k]));
    const { wins, pairs } = ordered(
      scores,
      Float64Array.from({ length: n }, (_, i) => labelOf(i, k)),
    );
    if (pairs > 0) areas.push(wins / pairs);
  }
  if (areas.length === 0)
    throw new ArcletError({
      where: "auroc",
      code: "empty",
      problem: "the rows must hold at least two classes, got one",
    });
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

/** The sums over pairs of two rows: those in order, ties counting half, and all. @param p how surely each row is a positive */
function ordered(scores: Float64Array, p: Float64Array): { wins: number; pairs: number } {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const negatives = p.reduce((sum, own) => sum + (1 - own), 0);
  let [below, wins, pairs] = [0, 0, 0]; // below: negatives with a lower score
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tied = 0; // negatives with this score
    do tied += 1 - p[order[end++]!]!;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]);
    for (const i of order.slice(start, end)) {
      const own = p[i]!;
      wins += own * (below + (tied - (1 - own)) / 2);
      pairs += own * (negatives - (1 - own));
    }
    below += tied;
    start = end;
  }
  return { wins, pairs };
}
