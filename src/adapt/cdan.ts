/**
 * CDAN: conditional adversarial domain adaptation.
 *
 * Paper: Long, Cao, Wang, Jordan 2018, arXiv:1705.10667, section 3, equations 3 to 7.
 *
 * As DANN, but D sees f ⊗ g, each feature times each class's probability g = softmax(C(f)), so that it compares the
 * domains class by class (eq. 5). With `entropy` (CDAN+E, eq. 7) an image weighs 1 + exp(−H(g)): uncertain ones count less.
 * `confusion` adds MCC's loss, as the MCC paper does (arXiv:1912.03699, section 4.3).
 *
 * Our deviations:
 * - g enters f ⊗ g detached, as in the authors' code; AdamW with a cosine schedule in place of SGD.
 * - The entropy's weights have sum 1 in each domain, as in the authors' code (eq. 7 leaves them as they are), and they are
 *   detached too: the authors' code lets their gradient, reversed, through to C, so that C also learns how certain to be
 *   from how well D tells the domains. H(g) is of log max(g, 1e-12); theirs of log(g + 1e-5).
 * - L_d is the mean of the two domains' means, half of the sum of eq. 3, as in the authors' code. D is an MLP with PReLU and
 *   without dropout; theirs has ReLU, dropout and two hidden layers of 1,024.
 * - f ⊗ g is never sampled (the paper samples it beyond a length of 4,096; with few classes it is shorter).
 * - With an expected target prior, D's source term is weighted by π_t(y) / π_s(y).
 */
import { z } from "zod";
import { decade, evenly } from "../foundation/tuning.ts";
import { Mlp } from "../nn/mlp.ts";
import { Generator } from "../torch/random.ts";
import type { Tensor } from "../torch/tensor.ts";
import { discriminatorNumbers, discriminatorWidths } from "./discriminator.ts";
import { type Alignment, Joint, jointNumbers, jointSettings, jointTuning, type Pass } from "./joint.ts";
import { confusionNumber, lossMcc, mccSettings, mccTuning } from "./mcc.ts";
import { type MethodContext, method } from "./method.ts";
import type { NumberDeclarations } from "./numbers.ts";
import { equalShares } from "./prior.ts";
import { discriminatorShares, lambdaAt, lambdaNumber, lossDomain, reverseGradient } from "./reversal.ts";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(1).describe("weight of the domain loss"),
  entropy: z.boolean().default(true).describe("confident images weigh more in the domain loss (CDAN+E)"),
  confusion: z.number().min(0).default(0).describe("weight of MCC's loss in addition"),
  ...mccSettings,
  discriminator: discriminatorWidths,
});

type Settings = z.output<typeof schema>;

const ownNumbers = {
  ...discriminatorNumbers,
  ...lambdaNumber,
  confusion: { ...confusionNumber, when: "with confusion" },
} as const satisfies NumberDeclarations;

export const cdan = method({
  name: "cdan",
  paper: "Long et al. 2018 (arXiv:1705.10667)",
  summary: "as dann, with the discriminator conditioned on the predicted class; can be combined with MCC",
  schema,
  tuning: {
    ...jointTuning,
    weight: decade,
    entropy: "choices",
    confusion: evenly(0, 1),
    ...mccTuning,
    discriminator: "fixed",
  },
  numbers: { ...jointNumbers, ...ownNumbers },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new Joint(settings, context, adversary(settings, context)),
});

/** f ⊗ g, f (B, F) and g (B, K) → (B, F K) */
export const multilinear = (f: Tensor, g: Tensor): Tensor => f.unsqueeze(2).mul(g.unsqueeze(1)).flatten(1);

/** Shares (B) times 1 + exp(−H(g)), with sum 1 again. g (B, K) */
export function sureShares(shares: Tensor, g: Tensor): Tensor {
  const certainty = g.mul(g.clamp(1e-12).log()).sum(1).exp().add(1);
  const weighted = shares.mul(certainty);
  return weighted.div(weighted.sum());
}

function adversary(
  settings: Settings,
  { features, classes, seed, device }: MethodContext,
): Alignment<keyof typeof ownNumbers> {
  const widths = [features * classes, ...settings.discriminator, 1];
  const D = new Mlp(widths, new Generator(seed), { activation: "prelu" }).to(device);
  return {
    parts: { discriminator: D },
    learned: D.namedParameters(),
    loss({ fS, fT, zS, zT, shares, progress }: Pass) {
      const lambda = lambdaAt(progress);
      const [gS, gT] = [zS.softmax(1).detach(), zT.softmax(1).detach()]; // (B, K)
      const dS = D.forward(reverseGradient(multilinear(fS, gS), lambda)); // (B, 1)
      const dT = D.forward(reverseGradient(multilinear(fT, gT), lambda)); // (B', 1)
      const equal = equalShares(dT);
      const [wS, wT] = settings.entropy ? [sureShares(shares, gS), sureShares(equal, gT)] : [shares, equal];
      const lossD = lossDomain(dS, dT, wS, wT);
      const numbers = { lossD: lossD.detach(), ...discriminatorShares(dS, dT), lambda };
      const loss = lossD.mul(settings.weight);
      if (settings.confusion === 0) return { loss, numbers };
      const confusion = lossMcc(zT, settings.temperature);
      const sum = loss.add(confusion.mul(settings.confusion));
      return { loss: sum, numbers: { ...numbers, confusion: confusion.detach() } };
    },
  };
}
