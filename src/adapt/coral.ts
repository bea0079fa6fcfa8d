/**
 * Deep CORAL: correlation alignment.
 *
 * Paper: Sun, Saenko 2016, arXiv:1607.01719, section 3, equations 1 to 3.
 *
 * L = L_cls + λ ‖C_s − C_t‖²_F / (4 d²), C the covariance of the features (d of them) in a batch.
 *
 * Our deviations:
 * - The features before the classifier are aligned; the paper aligns the last layer's outputs, which for two classes
 *   amount to one number.
 * - λ is 100, not "so that both losses end up the same size", which takes trial runs to find: here are 256
 *   features of order 0.1 to 1, and 4 d² is 262,144.
 * - With an expected target prior, source images weigh π_t(y) / π_s(y).
 */
import { z } from "zod";
import { decade } from "../foundation/tuning.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Joint, jointNumbers, jointSettings, jointTuning } from "./joint.ts";
import { method } from "./method.ts";
import { equalShares } from "./prior.ts";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(100).describe("λ, weight of the distance between covariances"),
});

export const coral = method({
  name: "coral",
  paper: "Sun and Saenko 2016 (arXiv:1607.01719)",
  summary: "aligns the covariance of the features in both domains",
  schema,
  tuning: { ...jointTuning, weight: decade },
  numbers: {
    ...jointNumbers,
    coral: { kind: "distance", meaning: "‖C_s − C_t‖²_F / (4 d²) of the features' covariances" },
  },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: ({ weight, ...settings }, context) =>
    new Joint(settings, context, {
      parts: {},
      learned: new Map(),
      loss({ fS, fT, shares }) {
        const distance = lossCoral(fS, fT, shares, equalShares(fT));
        return { loss: distance.mul(weight), numbers: { coral: distance.detach() } };
      },
    }),
});

/** Covariance under shares w (B) with sum 1, unbiased: f (B, d) → (d, d). With equal shares it is eq. 2's. */
export function covariance(f: Tensor, w: Tensor): Tensor {
  const column = w.unsqueeze(1); // (B, 1)
  const centred = f.sub(f.mul(column).sum(0, true));
  return centred.mul(column).transpose(0, 1).matmul(centred).div(w.square().sum().rsub(1));
}

/** ‖C_s − C_t‖²_F / (4 d²). fS (B, d), fT (B', d), shares (B), (B') */
export function lossCoral(fS: Tensor, fT: Tensor, wS: Tensor, wT: Tensor): Tensor {
  const d = fS.shape[1]!;
  return covariance(fS, wS)
    .sub(covariance(fT, wT))
    .square()
    .sum()
    .div(4 * d * d);
}
