/** The discriminator of domains and its loss in plain numbers. */
import { affine, type Params } from "./plain.ts";
import { type Both, sum } from "./plain-network.ts";
import type { AddedLoss } from "./two-steps.ts";

/** Linear, PReLU, linear. */
const discriminator = (p: Params, f: number[]): number => {
  const slope = p["1.weight"]![0]!;
  const hidden = affine(f, p["0.weight"]!, p["0.bias"]!).map((v) => (v > 0 ? v : slope * v));
  return affine(hidden, p["2.weight"]!, p["2.bias"]!)[0]!;
};
const softplus = (z: number) => Math.log1p(Math.exp(z));

/** Mean over the domains of the discriminator's cross-entropy. */
export const domainLoss = (d: Params, vS: number[][], vT: number[][], wS: number[], wT: number[]) =>
  (sum(vS.map((v, i) => wS[i]! * softplus(-discriminator(d, v)))) +
    sum(vT.map((v, i) => wT[i]! * softplus(discriminator(d, v))))) /
  2;

export const adversarial = (
  domain: (pass: Both, now: Both, d: Params) => number,
  weight: number,
): Pick<AddedLoss, "loss" | "discriminatorLoss"> => ({
  // The gradient is reversed on its way into the network.
  loss: (pass, now, d, lambda) => -lambda * weight * domain(pass, now, d),
  discriminatorLoss: (pass, now, d) => weight * domain(pass, now, d),
});
