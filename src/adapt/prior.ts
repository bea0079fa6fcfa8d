/**
 * Label shift: the domains differ in their priors. Losses that compare whole distributions of the two domains weight
 * each source image by π_t(y) / π_s(y), so that they compare like with like (Tachet des Combes et
 * al. 2020, arXiv:2003.04475).
 */
import { tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { MethodContext } from "./method.ts";

/** π_t(y) / π_s(y) of each class (K); null if the target's prior is unknown: all images then weigh the same. */
export const priorRatio = ({
  sourcePrior,
  targetPrior,
}: Pick<MethodContext, "sourcePrior" | "targetPrior">): readonly number[] | null =>
  targetPrior?.map((share, k) => share / (sourcePrior[k] || share)) ?? null;

/** Each image's share of the batch (B), sum 1; equal shares without a ratio. labels (B) */
export function sourceShares(ratio: readonly number[] | null, labels: Tensor): Tensor {
  const weights = tensor(ratio ?? [1], [ratio?.length ?? 1], { device: labels.device });
  const each = weights.indexSelect(0, ratio === null ? labels.mul(0) : labels);
  return each.div(each.sum());
}

/** Equal shares (B) of a batch like `rows` (B, …). */
export const equalShares = (rows: Tensor): Tensor =>
  tensor([1 / rows.shape[0]!], [1], { device: rows.device }).expand([rows.shape[0]!]);
