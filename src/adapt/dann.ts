/**
 * DANN: domain-adversarial training of neural networks.
 *
 * Paper: Ganin, Ustinova, Ajakan, Germain, Larochelle, Laviolette, Marchand, Lempitsky 2016, arXiv:1505.07818,
 * section 4, equations 9 and 13 to 17.
 *
 * L = L_cls(C(M(x_s)), y) + w · L_d(D(R_λ(M(x)))), R_λ the gradient reversal: D learns to tell the domains apart, M to
 * prevent it, with λ growing from 0 to 1 (section 5.2.2).
 *
 * Our deviations:
 * - AdamW with a cosine schedule in place of SGD with the paper's annealing (see `optimizer` and `schedule`), one rate for all
 *   layers; the authors' code trains new layers ten times faster than pretrained ones.
 * - L_d is the mean of the two domains' means, half of the sum in eq. 9 (as in the authors' code, which averages over a batch
 *   of both halves): w = 2 is the paper's sum.
 * - D is an MLP of `discriminator` widths with PReLU, whatever the task; the paper's has one hidden layer of 100 on digits, and
 *   two of 1,024 otherwise.
 * - With an expected target prior, D's source term is weighted by π_t(y) / π_s(y).
 */
import { z } from "zod";
import { decade } from "../foundation/tuning.ts";
import { Mlp } from "../nn/mlp.ts";
import { Generator } from "../torch/random.ts";
import { discriminatorNumbers, discriminatorWidths } from "./discriminator.ts";
import { Joint, jointNumbers, jointSettings, jointTuning, type Pass } from "./joint.ts";
import { type MethodContext, method } from "./method.ts";
import { equalShares } from "./prior.ts";
import { discriminatorShares, lambdaAt, lambdaNumber, lossDomain, reverseGradient } from "./reversal.ts";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(1).describe("w, weight of the domain loss"),
  discriminator: discriminatorWidths,
});

type Settings = z.output<typeof schema>;

export const dann = method({
  name: "dann",
  paper: "Ganin et al. 2016 (arXiv:1505.07818)",
  summary: "learns, through a reversed gradient, features from which a discriminator can't tell the domain",
  schema,
  tuning: { ...jointTuning, weight: decade, discriminator: "fixed" },
  numbers: { ...jointNumbers, ...discriminatorNumbers, ...lambdaNumber },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new Joint(settings, context, adversary(settings, context)),
});

function adversary({ weight, discriminator }: Settings, { features, seed, device }: MethodContext) {
  const widths = [features, ...discriminator, 1];
  const D = new Mlp(widths, new Generator(seed), { activation: "prelu" }).to(device);
  return {
    parts: { discriminator: D },
    learned: D.namedParameters(),
    loss({ fS, fT, shares, progress }: Pass) {
      const lambda = lambdaAt(progress);
      const zS = D.forward(reverseGradient(fS, lambda)); // (B, 1)
      const zT = D.forward(reverseGradient(fT, lambda)); // (B', 1)
      const lossD = lossDomain(zS, zT, shares, equalShares(zT));
      return {
        loss: lossD.mul(weight),
        numbers: { lossD: lossD.detach(), ...discriminatorShares(zS, zT), lambda },
      };
    },
  };
}
