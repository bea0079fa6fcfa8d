/**
 * MaNo: the matrix norm of the target's normalised logits, large if images are far from the boundaries between classes.
 *
 * Source: Xie, Odonnat, Feofanov et al. 2024, arXiv:2405.18979, equation 6, with the authors' η = 5 and p = 4:
 *
 * 1. Φ = −(1 / N K) Σ_ik log softmax(q_i)_k, the cross-entropy against equal shares: small for unsure predictions.
 * 2. v(q) = exp(q) if Φ > η, else its expansion 1 + q + q² / 2, which does not trust large logits; σ(q) = v(q) / Σ_k v(q)_k.
 * 3. S = (Σ_ik σ(q_i)_k^p / N K)^(1/p).
 *
 * Our deviation: each row of logits is first centred, which a softmax does not notice. The expansion does: it is one about 0,
 * and logits that only differ by a constant would score differently.
 *
 * Of two classes the expansion rises up to a difference of logits of 2 √2 and falls beyond it, and S jumps where Φ
 * passes η: epochs on either side of it are hard to compare.
 */
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Validator } from "./validator.ts";

/** η, the Φ from which on predictions are trusted. */
const SURE = 5;
/** p, the norm's order. */
const ORDER = 4;

export const mano: Validator = {
  name: "mano",
  summary: "matrix norm of the target's normalised logits; blind to a collapse into one class",
  paper: "Xie et al. 2024 (arXiv:2405.18979)",
  needsTarget: true,
  score: ({ targetLogits }) =>
    tidy(() => softrun(targetLogits.to("float64")).pow(ORDER).mean().item() ** (1 / ORDER)),
};

/** σ: logits q (N, K) → (N, K), each row with sum 1 */
function softrun(q: Tensor): Tensor {
  const phi = -q.logSoftmax(1).mean().item();
  if (phi > SURE) return q.softmax(1);
  const centred = q.sub(q.mean(1, true));
  const v = centred.square().div(2).add(centred).add(1);
  return v.div(v.sum(1, true));
}
