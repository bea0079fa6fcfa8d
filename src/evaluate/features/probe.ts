/** A linear probe of features, cross-validated by group: what a straight cut through feature space can tell. */
import { refuse } from "../../foundation/errors.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { bootstrapByGroup } from "../bootstrap.ts";
import { crossValidated, foldsByGroup } from "../folds.ts";
import type { Interval } from "../intervals.ts";
import { heldOutLogits } from "../logistic.ts";
import { rankScores } from "../ranked.ts";
import { auroc } from "../ranking.ts";

export interface Probe extends Interval {
  /** 0.5: the kinds can't be told apart; 1: always. */
  readonly auroc: number;
  /** Rows of either kind. */
  readonly counts: readonly [number, number];
}

const RESAMPLES = 400;

/**
 * AUROC of a ridge logistic regression on rows that it did not learn from, with a 95 % interval by resampling groups.
 *
 * @param features (N, F) float64
 * @param labels 0 or 1 (N)
 * @param groups no group is split (N)
 * @throws ArcletError when a kind has fewer groups than there are folds; Interrupted when the user stops it
 */
export async function linearProbe(
  features: Tensor,
  labels: Uint8Array,
  groups: readonly string[],
  { folds, seed }: { folds: number; seed: number },
): Promise<Probe> {
  for (const kind of [0, 1]) {
    const count = new Set(groups.filter((_, i) => labels[i] === kind)).size;
    if (count < folds)
      refuse("probe", `rows of kind ${kind}`, `of ${folds} groups or more, one a fold`, count);
  }
  const foldOf = foldsByGroup(groups, labels, folds, seed);
  const scores = await crossValidated(foldOf, folds, (held) => heldOutLogits(features, labels, held));
  const options = { resamples: RESAMPLES, seed };
  const { low, high } = (await bootstrapByGroup(scores, labels, groups, { auroc }, options)).auroc;
  const ones = labels.reduce((sum, label) => sum + label, 0);
  return { auroc: auroc(rankScores(scores, labels)), low, high, counts: [labels.length - ones, ones] };
}
