/**
 * The source's losses with the weights that make them the target's: w = p_t(f) / p_s(f), from a classifier of domains on the
 * features (Bickel et al. 2007, ICML, 81).
 *
 * Our deviations: the classifier is a ridge logistic regression on standardised features, fitted by Newton's method to the
 * same rows that are weighted; You et al. 2019 use separate rows.
 */
import { call } from "../../torch/call.ts";
import { cat, eye, full, ones, tensor, zeros } from "../../torch/create.ts";
import { crossEntropy } from "../../torch/neural.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { ValidatorInput } from "./validator.ts";

const RIDGE = 1e-2;
const STEPS = 12;

/** The cross-entropy (N) of the source's val rows and their weights (N), float64, in the current scope. */
export function weightedLosses({
  sourceLogits,
  sourceLabels,
  sourceFeatures,
  targetFeatures,
}: Pick<ValidatorInput, "sourceLogits" | "sourceLabels" | "sourceFeatures" | "targetFeatures">): {
  loss: Tensor;
  w: Tensor;
} {
  return {
    loss: crossEntropy(sourceLogits.to("float64"), sourceLabels, "none"),
    w: densityRatio(sourceFeatures.to("float64"), targetFeatures.to("float64")),
  };
}

/** p_t(f) / p_s(f) at the source's rows: fS (N, F), fT (M, F) → (N) */
function densityRatio(fS: Tensor, fT: Tensor): Tensor {
  const [n, m] = [fS.shape[0]!, fT.shape[0]!];
  const all = cat([fS, fT]);
  const spread = all.var(0, 0).add(1e-12).sqrt();
  const standard = all.sub(all.mean(0)).div(spread);
  const x = cat([standard, full([n + m, 1], 1, { dtype: "float64" })], 1); // (N + M, F + 1)
  const y = cat([zeros([n], { dtype: "float64" }), ones([m], { dtype: "float64" })]); // 1 for the target
  const width = x.shape[1]!;
  let beta = zeros([width], { dtype: "float64" });
  // On all coefficients but the constant, which depends on the numbers of rows.
  const penalty = tensor([...Array(width - 1).fill(RIDGE * (n + m)), 0], [width], { dtype: "float64" });
  const ridge = eye(width, { dtype: "float64" }).mul(penalty);
  for (let i = 0; i < STEPS; i++) {
    const p = x.matmul(beta.unsqueeze(1)).squeeze(1).sigmoid();
    const slope = x.transpose(0, 1).matmul(p.sub(y).unsqueeze(1)).add(beta.mul(penalty).unsqueeze(1));
    const curvature = x
      .mul(p.mul(p.rsub(1)).unsqueeze(1))
      .transpose(0, 1)
      .matmul(x)
      .add(ridge);
    beta = beta.sub((call("aten::linalg_solve", curvature, slope) as Tensor).squeeze(1));
  }
  const z = x.narrow(0, 0, n).matmul(beta.unsqueeze(1)).squeeze(1);
  return z.exp().mul(n / m);
}
