/**
 * Nuclear norm of the target's predictions: large if they are confident and use all classes.
 *
 * Source: Cui et al. 2020, arXiv:2003.12237, section 3.3. With a uniform prior it is the paper's norm up to its scale.
 *
 * Our deviation: each class's column is weighted by the root of its expected share π_k. For confident predictions with n_k
 * images per class the norm is Σ √(π_k n_k / N), at most 1, where n_k / N = π_k: balanced predictions are not rewarded if
 * lenses are rare.
 */
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

export const bnm: Validator = {
  name: "bnm",
  summary: "nuclear norm of the target's predictions, classes weighted by the expected prior",
  paper: "Cui et al. 2020 (arXiv:2003.12237)",
  needsTarget: true,
  score: ({ targetLogits, prior }) =>
    tidy(() => {
      const p = targetLogits.to("float64").softmax(1); // (N, K)
      const roots = tensor(prior.map(Math.sqrt), [1, prior.length], { dtype: "float64" });
      const weighted = p.mul(roots).div(Math.sqrt(p.shape[0]!));
      // Singular values are the roots of the eigenvalues of the small Gram matrix.
      const gram = weighted.transpose(0, 1).matmul(weighted); // (K, K)
      return (call("aten::linalg_eigvalsh", gram, "L") as Tensor).clamp(0).sqrt().sum().item();
    }),
};
