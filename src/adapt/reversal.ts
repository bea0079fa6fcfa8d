/**
 * Adversarial training in one pass: between features and discriminator the gradient's sign is reversed, so that one step
 * makes the discriminator better at telling the domains apart, and the encoder's features worse for it (Ganin et al. 2016,
 * arXiv:1505.07818, section 4.2 and equations 13, 14).
 */
import { onesLike, zerosLike } from "../torch/create.ts";
import { binaryCrossEntropy } from "../torch/neural.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { NumberDeclarations } from "./numbers.ts";

/** x unchanged; its gradient is multiplied by −λ. */
export const reverseGradient = (x: Tensor, lambda: number): Tensor =>
  x.mul(-lambda).add(x.detach().mul(1 + lambda));

/** λ_p = 2 / (1 + exp(−γ p)) − 1: from 0 to 1 as training proceeds, γ = 10. */
export const lambdaAt = (progress: number, gamma = 10): number => 2 / (1 + Math.exp(-gamma * progress)) - 1;

/**
 * L_d = Σ_s w_s BCE(z_s, 1) + Σ_t w_t BCE(z_t, 0), halved: the mean over the two domains.
 *
 * @param zS (B, 1), @param zT (B', 1), the discriminator's logits of "source"
 * @param wS (B), @param wT (B'), shares with sum 1 each
 */
export function lossDomain(zS: Tensor, zT: Tensor, wS: Tensor, wT: Tensor): Tensor {
  const [z, t] = [zS.squeeze(1), zT.squeeze(1)];
  const source = binaryCrossEntropy(z, onesLike(z), "none").mul(wS).sum();
  const target = binaryCrossEntropy(t, zerosLike(t), "none").mul(wT).sum();
  return source.add(target).mul(0.5);
}

/** The declaration of the reversed gradient's factor. */
export const lambdaNumber = {
  lambda: { kind: "weight", meaning: "λ, the factor of the reversed gradient" },
} as const satisfies NumberDeclarations;

/** The share of each domain that the discriminator recognises, for the log. */
export const discriminatorShares = (zS: Tensor, zT: Tensor) => ({
  sourceFound: zS.gt(0).to("float32").mean(),
  targetFound: zT.lt(0).to("float32").mean(),
});
