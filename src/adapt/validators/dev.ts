/**
 * Deep embedded validation: the source's validation loss, each image weighted by its likeness to the target.
 *
 * Source: You et al. 2019 (ICML, PMLR 97, 7124), algorithm 1: the density ratio w from a classifier of domains on the
 * features, the weighted risk with w as a control variate: mean(w ℓ) + η mean(w) − η, η = −cov(w ℓ, w) / var(w).
 *
 * Our deviations:
 * - The domains' classifier is a ridge logistic regression on standardised features, fitted by Newton's method to the same
 *   rows that are scored; the paper uses separate rows.
 * - ℓ is the cross-entropy; the result is its negative, as higher is better.
 */
import { mean } from "../../foundation/statistics.ts";
import { call } from "../../torch/call.ts";
import { cat, eye, full, ones, tensor, zeros } from "../../torch/create.ts";
import { crossEntropy } from "../../torch/neural.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

const RIDGE = 1e-2;
const STEPS = 12;

export const dev: Validator = {
  name: "dev",
  summary: "minus the source's validation loss, each image weighted by its likeness to the target",
  paper: "You et al. 2019 (PMLR 97, 7124)",
  needsTarget: true,
  score: ({ sourceLogits, sourceLabels, sourceFeatures, targetFeatures }) =>
    tidy(() => {
      const loss = crossEntropy(sourceLogits.to("float64"), sourceLabels, "none"); // (N)
      const w = densityRatio(sourceFeatures.to("float64"), targetFeatures.to("float64")); // (N)
      return -controlledRisk(loss.numbers(), w.numbers());
    }),
};

/** mean(w ℓ) + η mean(w) − η: E[w] is 1, so that the error of mean(w) predicts that of the risk. */
export function controlledRisk(loss: readonly number[], w: readonly number[]): number {
  const weighted = loss.map((value, i) => value * w[i]!);
  const [risk, level] = [mean(weighted), mean(w)];
  const covariance = mean(weighted.map((value, i) => (value - risk) * (w[i]! - level)));
  const variance = mean(w.map((value) => (value - level) ** 2));
  const eta = variance === 0 ? 0 : -covariance / variance;
  return risk + eta * level - eta;
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
