/**
 * Choosing an epoch without target labels, but for grades that training left out. A validator scores the predictions of one
 * epoch's model: higher for a model that it expects to do better on the target.
 */
import type { Tensor } from "../../torch/tensor.ts";

/**
 * What a validator sees of an epoch: no label of the target but held grades. N source rows, M target rows, K classes,
 * F features.
 */
export interface ValidatorInput {
  /** (N, K), the labelled source rows held out from training */
  sourceLogits: Tensor;
  /** (N) int64 */
  sourceLabels: Tensor;
  /** (N, F) */
  sourceFeatures: Tensor;
  /** (M, K), target rows, without labels */
  targetLogits: Tensor;
  /** (M, F) */
  targetFeatures: Tensor;
  /**
   * (P, 3, K), of pairs of target rows: the logits of the first image, of the second, and of the image that mixes both
   * (mixval.ts); empty without a target
   */
  mixedLogits: Tensor;
  /** (G, K), the target's held graded rows; empty without them */
  gradedLogits: Tensor;
  /** (G, K), how surely each is of each class: rows sum to 1; empty without them */
  gradedLabels: Tensor;
  /** Expected share of each class in the target (K), each > 0, sum 1. */
  prior: readonly number[];
}

/** A number by which an epoch is chosen. */
export interface Validator {
  /** As in `--select`. */
  readonly name: string;
  /** One line for `--help` and the documents. */
  readonly summary: string;
  /** Its source: authors, year and arXiv number. */
  readonly paper: string;
  /** Whether it uses the target's unlabelled images. */
  readonly needsTarget: boolean;
  /** Whether it uses the target's held graded rows; left out: no. A run without them has no score of it. */
  readonly needsGraded?: boolean;
  /** Higher is better. Tensors made inside are freed. */
  score(input: ValidatorInput): number;
}
