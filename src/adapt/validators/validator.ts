/**
 * What chooses an epoch when no target label may be looked at. A validator reads the predictions of one epoch's
 * model and gives a number, higher for a model that it expects to do better on the target.
 */
import type { Tensor } from "../../torch/tensor.ts";

export interface ValidatorInput {
  /** (N, K), the labelled source rows held out from training */
  sourceLogits: Tensor;
  /** (N) int64 */
  sourceLabels: Tensor;
  /** (N, F) */
  sourceFeatures: Tensor;
  /** (M, K), target rows; of their labels there is nothing */
  targetLogits: Tensor;
  /** (M, F) */
  targetFeatures: Tensor;
  /** The expected part of each class in the target (K), each > 0, sum 1. */
  prior: readonly number[];
}

export interface Validator {
  readonly name: string;
  /** One line for `--help` and the documents. */
  readonly summary: string;
  /** Where it comes from. */
  readonly paper: string;
  /** Whether it looks at the target's images. */
  readonly needsTarget: boolean;
  /** Higher is better. Tensors made inside are freed. */
  score(input: ValidatorInput): number;
}
