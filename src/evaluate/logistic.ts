/**
 * Ridge logistic regression by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani & Friedman 2009,
 * The Elements of Statistical Learning, section 4.4.1): realism's linear probe, and the stacking of finders.
 */
import { call } from "../torch/call.ts";
import { cat, eye, ones, tensor, zeros } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

const ITERATIONS = 25;

/**
 * Scores of held-out rows; features are standardised by the training rows' mean and deviation.
 *
 * @param features (N, F) float64
 * @param labels 0 or 1 (N)
 * @param held 1 for rows that are scored, 0 for rows that are learned from (N)
 * @param ridge the penalty on squared weights, in rows; the intercept is free
 * @param limit standardised features are clipped to ±limit, so that no outlier decides alone
 * @returns log-odds of every held-out row, in their order
 */
export function heldOutLogits(
  features: Tensor,
  labels: Uint8Array,
  held: Uint8Array,
  ridge = 10,
  limit = 8,
): Float64Array {
  return tidy(() => {
    const rows = (which: number) =>
      tensor(
        BigInt64Array.from(
          [...held.keys()].filter((i) => held[i] === which),
          BigInt,
        ),
      );
    const learned = rows(0);
    const x = features.indexSelect(0, learned);
    const mean = x.mean([0], true);
    const deviation = x.var([0], 0, true).sqrt();
    const scale = deviation.gt(1e-9).to("float64").div(deviation.clamp(1e-9)); // a constant feature counts as 0
    const design = (part: Tensor) =>
      cat(
        [part.sub(mean).mul(scale).clamp(-limit, limit), ones([part.shape[0]!, 1], { dtype: "float64" })],
        1,
      );
    const y = tensor(Float64Array.from(labels)).indexSelect(0, learned).unsqueeze(1);
    const weights = ridgeFit(design(x), y, ridge);
    return design(features.indexSelect(0, rows(1)))
      .matmul(weights)
      .squeeze(1)
      .data() as Float64Array;
  });
}

/** design (N, F + 1), y (N, 1) → weights (F + 1, 1) */
function ridgeFit(design: Tensor, y: Tensor, ridge: number): Tensor {
  const size = design.shape[1]!;
  const penalty = eye(size, { dtype: "float64" }).mul(ridge);
  // The intercept, last, is free, except for what keeps the system solvable.
  const free = tensor(
    Float64Array.from({ length: size }, (_, i) => (i === size - 1 ? 1e-9 / ridge : 1)),
    [size, 1],
  );
  const P = penalty.mul(free);
  const transposed = design.transpose(0, 1);
  let w = zeros([size, 1], { dtype: "float64" });
  for (let k = 0; k < ITERATIONS; k++) {
    const p = design.matmul(w).sigmoid(); // (N, 1)
    const gradient = transposed.matmul(p.sub(y)).add(P.matmul(w));
    const curvature = transposed.matmul(design.mul(p.mul(p.rsub(1)).clamp(1e-6))).add(P);
    const step = call("aten::linalg_solve", curvature, gradient) as Tensor;
    w = w.sub(step);
    if ((step.abs().max() as Tensor).item() < 1e-8) break;
  }
  return w;
}
