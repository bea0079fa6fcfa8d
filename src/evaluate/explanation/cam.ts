/**
 * Class activation maps by gradients, in the papers' symbols: A^k is channel k of the last feature map, S the class's score
 * before the softmax, g = ∂S/∂A.
 *
 * Grad-CAM: Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2.
 * Grad-CAM++: Chattopadhay et al. 2018, arXiv 1710.11063, equations 12 and 19 (the closed form for Y = exp(S)).
 *
 * Our deviation: Grad-CAM++'s factor exp(S), one number a map, is left out. It only scales a map as a whole,
 * and overflows for a confident network.
 */
import { where, zerosLike } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** α_k = 1/Z Σ_ij g_ij^k. g (B, K, h, w) → (B, K) */
export const gradCamWeights = (g: Tensor): Tensor => g.mean([2, 3]);

/**
 * w_k = Σ_ij α_ij^k ReLU(g_ij^k), α_ij^k = g² / (2 g² + (Σ_ab A_ab^k) g³); 0 where there is no gradient.
 * A, g (B, K, h, w) → (B, K)
 *
 * The form is meant for maps after a ReLU. On maps with negative values its denominator can come near zero.
 */
export function gradCamPlusPlusWeights(A: Tensor, g: Tensor): Tensor {
  return tidy(() => {
    const sum = A.sum([2, 3], true); // (B, K, 1, 1)
    // g² is cancelled, so that squares of small gradients do not underflow.
    const denominator = g.mul(sum).add(2);
    const alpha = where(g.ne(0).and(denominator.ne(0)), denominator.reciprocal(), zerosLike(g));
    return alpha.mul(g.relu()).sum([2, 3]);
  });
}

/** L = ReLU(Σ_k w_k A^k). A (B, K, h, w), weights (B, K) → (B, h, w) */
export function activationMap(A: Tensor, weights: Tensor): Tensor {
  return tidy(() => {
    const [B, K] = A.shape as [number, number];
    return A.mul(weights.reshape([B, K, 1, 1]))
      .sum(1)
      .relu();
  });
}
