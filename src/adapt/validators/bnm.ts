/**
 * Nuclear norm of the target's predictions: large when they are sure and use all classes.
 *
 * Source: Cui et al. 2020, arXiv:2003.12237, section 3.3. With uniform parts it is the paper's norm less its scale.
 *
 * Our deviation: each class's column is weighed by the root of its expected part π_k. Of sure predictions with n_k images a
 * class the norm is Σ √(π_k n_k / N), which is greatest, 1, where n_k / N = π_k: balanced predictions are not rewarded
 * where lenses are rare.
 */
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

export const bnm: Validator = {
  name: "bnm",
  summary: "nuclear norm of the target's predictions, classes weighed by the expected prior",
  paper: "Cui et al. 2020 (arXiv:2003.12237)",
  needsTarget: true,
  score: ({ targetLogits, prior }) =>
    tidy(() => {
      const p = targetLogits.to("float64").softmax(1); // (N, K)
      const roots = tensor(prior.map(Math.sqrt), [1, prior.length], { dtype: "float64" });
      const weighed = p.mul(roots).div(Math.sqrt(p.shape[0]!));
      // Singular values are the roots of the eigenvalues of the small Gram matrix.
      const gram = weighed.transpose(0, 1).matmul(weighed); // (K, K)
      return (call("aten::linalg_eigvalsh", gram, "L") as Tensor).clamp(0).sqrt().sum().item();
    }),
};
