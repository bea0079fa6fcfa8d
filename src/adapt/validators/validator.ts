/**
 * Choosing an epoch without target labels. A validator scores the predictions of one epoch's model: higher for a model
 * that it expects to do better on the target.
 */
import type { Tensor } from "../../torch/tensor.ts";

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
  /** Expected share of each class in the target (K), each > 0, sum 1. */
  prior: readonly number[];
}

export interface Validator {
  readonly name: string;
  /** One line for `--help` and the documents. */
  readonly summary: string;
  /** Its source: authors, year and arXiv number. */
  readonly paper: string;
  /** Whether it uses the target's images. */
  readonly needsTarget: boolean;
  /** Higher is better. Tensors made inside are freed. */
  score(input: ValidatorInput): number;
}
