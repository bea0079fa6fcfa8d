/**
 * SIDDA: Sinkhorn dynamic domain adaptation.
 *
 * Paper: Pandya, Patel, Nord, Walmsley, Ćiprijanović 2025, arXiv:2501.14048; its numbers are those of the authors' code,
 * deepskies/SIDDA.
 *
 * 1. Warm-up: the cross-entropy of the source alone (`sourceFirst`, or `--from`).
 * 2. σ = max(0.05 max_ij ‖f_i − f'_j‖, 0.01): the blur follows the distances between the domains' features.
 * 3. L = L_cls / (2 η₁²) + S_σ / (2 η₂²) + log |η₁ η₂|: S_σ is the Sinkhorn divergence of the features, η₁ and η₂ are learned
 *    with the network, from 1 on. At the optimum η₁² = L_cls and η₂² = S_σ: both terms end up the same size.
 * 4. η₁ ≥ 10⁻³ and η₂ ≥ η₁ / 4: the divergence never has more than sixteen times the weight of the
 *    cross-entropy.
 *
 * Our deviations:
 * - The warm-up is a phase with a learning rate schedule of its own, not the first epochs of one; AdamW with a cosine, not
 *   with steps.
 * - η₁ and η₂ keep the authors' rate of 0.01 when the network's is smaller, or they would stay where they start; they have
 *   no weight decay, which would pull both to 0.
 * - The divergence is iterated to a tolerance, in double precision; the authors' takes one iteration per scale.
 * - With an expected target prior, source images weigh π_t(y) / π_s(y) in the divergence.
 */
import { z } from "zod";
import { decade } from "../foundation/tuning.ts";
import { Module } from "../nn/module.ts";
import { noGrad } from "../torch/autograd.ts";
import { cat, ones, stack } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Joint, jointNumbers, jointSettings, jointTuning, type Pass } from "./joint.ts";
import { type MethodContext, method } from "./method.ts";
import { equalShares } from "./prior.ts";
import { largestDistance, sinkhornDivergence } from "./sinkhorn.ts";

const schema = z.strictObject({
  ...jointSettings,
  sourceFirst: z
    .boolean()
    .default(true)
    .describe("the warm-up: train on the source alone first, for --epochs epochs; not needed with --from"),
  blur: z
    .number()
    .positive()
    .default(0.05)
    .describe(
      "σ, the blur of the transport, as a part of the largest distance between the domains' features",
    ),
  leastBlur: z.number().positive().default(0.01).describe("smallest σ, in the features' units"),
  iterations: z.number().int().min(1).default(100).describe("most Sinkhorn iterations per step"),
  etaLr: z.number().min(0).default(0.01).describe("learning rate of η₁ and η₂, which weight the two losses"),
});

type Settings = z.output<typeof schema>;

export const sidda = method({
  name: "sidda",
  paper: "Pandya et al. 2025 (arXiv:2501.14048)",
  summary: "minimises the Sinkhorn divergence of the domains' features, its weight learned",
  schema,
  tuning: {
    ...jointTuning,
    blur: decade,
    leastBlur: "fixed",
    iterations: "fixed",
    etaLr: decade,
  },
  numbers: {
    ...jointNumbers,
    sinkhorn: { kind: "distance", meaning: "the Sinkhorn divergence of the domains' features" },
    sigma: { kind: "distance", meaning: "σ, the blur of the transport" },
    weight: {
      kind: "weight",
      meaning: "the divergence's part of the two learned weights, η₁² / (η₁² + η₂²)",
    },
  },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new Joint(settings, context, weighted(settings, context)),
});

const LEAST_ETA = 1e-3;
/** η₂ is at least this part of η₁. */
const LEAST_RATIO = 0.25;

/** η₁ of the cross-entropy and η₂ of the divergence, learned. State `eta` (2). */
class Uncertainties extends Module {
  readonly eta = this.param("eta", ones([2]));

  /** Losses (2) → Σ L_i / (2 η_i²) + log |η₁ η₂| */
  override forward(losses: Tensor): Tensor {
    return losses.div(this.eta.square().mul(2)).add(this.eta.abs().log()).sum();
  }

  /** Puts both back within their bounds. @returns η₁ and η₂ */
  bound(): readonly [number, number] {
    return noGrad(() =>
      tidy(() => {
        const eta1 = this.eta.narrow(0, 0, 1).clamp(LEAST_ETA);
        const eta2 = this.eta.narrow(0, 1, 1).maximum(eta1.mul(LEAST_RATIO));
        this.eta.copy_(cat([eta1, eta2]));
        return [eta1.item(), eta2.item()];
      }),
    );
  }
}

function weighted({ blur, leastBlur, iterations, etaLr }: Settings, { device }: MethodContext) {
  const uncertainties = new Uncertainties().to(device);
  return {
    parts: { uncertainties },
    learned: uncertainties.namedParameters(),
    rates: { lr: etaLr, weightDecay: 0 },
    loss({ fS, fT, shares }: Pass) {
      const sigma = Math.max(blur * largestDistance(fS, fT), leastBlur);
      const divergence = sinkhornDivergence(fS, fT, shares, equalShares(fT), { sigma, iterations });
      const sinkhorn = divergence.to("float32");
      const [eta1, eta2] = uncertainties.bound();
      const weight = eta1 ** 2 / (eta1 ** 2 + eta2 ** 2);
      return { loss: sinkhorn, numbers: { sinkhorn: sinkhorn.detach(), sigma, weight } };
    },
    combine: (lossCls: Tensor, sinkhorn: Tensor) => uncertainties.forward(stack([lossCls, sinkhorn])),
  };
}
