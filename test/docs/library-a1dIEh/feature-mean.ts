/**
 * Mean matching: the features of both domains get the same mean.
 *
 * L = L_cls + λ ‖m_s − m_t‖² / d, m the mean of the features (d of them) in a batch. It is the
 * maximum mean discrepancy of the linear kernel (Gretton et al. 2012, JMLR 13, 723, section 2).
 */
import { Joint, jointNumbers, jointSettings, jointTuning, method } from "/work/main/src/adapt/index.ts";
import { decade, definePlugin } from "/work/main/src/plugins/index.ts";
import type { Tensor } from "/work/main/src/torch/index.ts";
import { z } from "zod";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(1).describe("λ, weight of the distance between the means"),
});

export const featureMean = method({
  name: "feature-mean",
  paper: "Gretton et al. 2012 (JMLR 13, 723)",
  summary: "features with the same mean in both domains",
  schema,
  // What `arclet tune` varies: the weight, and the rates that all joint methods have.
  tuning: { ...jointTuning, weight: decade },
  // What a step returns, for logs and figures.
  numbers: {
    ...jointNumbers,
    featureMean: { kind: "distance", meaning: "squared distance of the domains' means, per feature" },
  },
  needsTarget: true,
  separateSource: false,
  build: ({ weight, ...settings }, context) =>
    new Joint(settings, context, {
      parts: {},
      learned: new Map(),
      loss({ fS, fT, shares }) {
        const distance = lossMean(fS, fT, shares);
        return { loss: distance.mul(weight), numbers: { featureMean: distance.detach() } };
      },
    }),
});

/** ‖m_s − m_t‖² / d. fS (B, d), fT (B', d), shares of the source's images (B), sum 1 */
export function lossMean(fS: Tensor, fT: Tensor, shares: Tensor): Tensor {
  const mS = fS.mul(shares.unsqueeze(1)).sum(0); // (d)
  return mS.sub(fT.mean(0)).square().mean();
}

export default definePlugin({ name: "mean-matching", methods: [featureMean] });
