/** Batch normalisation by the statistics of a batch whose rows are divided among ranks. */
import { sumOverRanks } from "../torch/ranks.ts";
import type { Tensor } from "../torch/tensor.ts";

/**
 * Mean and variance are sums over ranks, and their gradients too, so that the result is that of one process with the whole
 * batch but for rounding. The variance is the mean square of what is left without the mean: in one pass it would lose digits.
 *
 * @param x (b, features, …), this rank's rows, @param rows of all ranks
 * @returns y like x; mean and biased variance (features), without gradients, of `count` values each
 */
export function dividedBatchNorm(
  x: Tensor,
  { weight, bias, epsilon }: { weight: Tensor; bias: Tensor; epsilon: number },
  rows: number,
): { y: Tensor; mean: Tensor; variance: Tensor; count: number } {
  const others = x.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
  const count = (x.size / (x.shape[0]! * x.shape[1]!)) * rows;
  const spread = x.shape.map((size, dim) => (dim === 1 ? size : 1));
  const wide = x.to("float32");
  const mean = sumOverRanks(wide.sum(others)).div(count); // (features)
  const centred = wide.sub(mean.reshape(spread));
  const variance = sumOverRanks(centred.square().sum(others)).div(count); // (features)
  const scale = variance.add(epsilon).rsqrt().mul(weight);
  const y = centred.mul(scale.reshape(spread)).add(bias.reshape(spread)).to(x.dtype);
  return { y, mean: mean.detach(), variance: variance.detach(), count };
}
