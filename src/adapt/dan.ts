/**
 * DAN: deep adaptation networks.
 *
 * Paper: Long, Cao, Wang, Jordan 2015, arXiv:1502.02791, section 3, equations 1 to 5.
 *
 * L = L_cls + λ Σ_l MMD²_k(D_s^l, D_t^l): the distributions of features and of the classifier's outputs are matched under a
 * sum of Gaussian kernels.
 *
 * Our deviations:
 * - All pairs of a batch, not the paper's linear-time estimate; five kernels of equal weight around the mean distance, as
 *   in the authors' code, not weights learned by a quadratic program.
 * - The layers matched are the features and the predicted probabilities: the encoders here have no stack of dense layers.
 * - With an expected target prior, source images weigh π_t(y) / π_s(y).
 */
import { z } from "zod";
import { decade } from "../foundation/tuning.ts";
import { mmdSquared } from "./discrepancy.ts";
import { Joint, jointNumbers, jointSettings, jointTuning } from "./joint.ts";
import { method } from "./method.ts";
import { equalShares } from "./prior.ts";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(1).describe("λ, weight of the discrepancy"),
});

export const dan = method({
  name: "dan",
  paper: "Long et al. 2015 (arXiv:1502.02791)",
  summary: "minimises the maximum mean discrepancy (MMD) of features and predictions between the domains",
  schema,
  tuning: { ...jointTuning, weight: decade },
  numbers: {
    ...jointNumbers,
    mmdFeatures: { kind: "distance", meaning: "squared MMD of the domains' features" },
    mmdOutputs: { kind: "distance", meaning: "squared MMD of the domains' predicted probabilities" },
  },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: ({ weight, ...settings }, context) =>
    new Joint(settings, context, {
      parts: {},
      learned: new Map(),
      loss({ fS, fT, zS, zT, shares }) {
        const equal = equalShares(fT);
        const features = mmdSquared(fS, fT, shares, equal);
        const outputs = mmdSquared(zS.softmax(1), zT.softmax(1), shares, equal);
        const numbers = { mmdFeatures: features.detach(), mmdOutputs: outputs.detach() };
        return { loss: features.add(outputs).mul(weight), numbers };
      },
    }),
});
