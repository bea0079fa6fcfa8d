/** The distance between two sets of features: maximum mean discrepancy (Gretton et al. 2012, JMLR 13, 723). */
import { cat } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Squared distances between rows, a (N, F), b (M, F) → (N, M). */
const squaredDistances = (a: Tensor, b: Tensor): Tensor =>
  a
    .square()
    .sum(1, true)
    .add(b.square().sum(1).unsqueeze(0))
    .sub(a.matmul(b.transpose(0, 1)).mul(2))
    .clamp(0);

/** Bandwidths of the kernels, in units of the mean squared distance (code of DAN, arXiv:1502.02791). */
const BANDWIDTHS = [0.25, 0.5, 1, 2, 4] as const;

/**
 * MMD² under a sum of Gaussian kernels: Σ w_i w_j k(a_i, a_j) + Σ v_i v_j k(b_i, b_j) − 2 Σ w_i v_j k(a_i, b_j), at least 0.
 * The bandwidth is the mean squared distance between all rows; no gradient flows through it.
 *
 * @param a (N, F), @param b (M, F)
 * @param w (N), @param v (M), shares with sum 1
 */
export function mmdSquared(a: Tensor, b: Tensor, w: Tensor, v: Tensor): Tensor {
  const rows = cat([a, b]);
  const share = cat([w, v.neg()]); // (N + M)
  const d = squaredDistances(rows, rows);
  const n = rows.shape[0]!;
  const scale = d
    .detach()
    .sum()
    .div(n * (n - 1))
    .clamp(1e-12);
  let kernel: Tensor | null = null;
  for (const width of BANDWIDTHS) {
    const term = d.div(scale.mul(-width)).exp();
    kernel = kernel === null ? term : kernel.add(term);
  }
  return share.unsqueeze(0).matmul(kernel!).matmul(share.unsqueeze(1)).reshape([]);
}
