/**
 * WDGRL: Wasserstein distance guided representation learning.
 *
 * Paper: Shen, Qu, Zhang, Yu 2018, arXiv:1707.01217, section 3, equations 4 to 9, algorithm 1.
 *
 * 1. A critic f_w takes n steps to maximise E_s[f_w(h_s)] − E_t[f_w(h_t)] − γ E[(‖∇f_w(ĥ)‖ − 1)²], ĥ the features of both
 *    domains and random points between pairs of them (eq. 5, 6); the supremum is the Wasserstein-1 distance.
 * 2. The network takes one step down L_cls + λ L_wd (eq. 9).
 *
 * Our deviations: AdamW with a cosine schedule for the network; with an expected target prior, source images weigh
 * π_t(y) / π_s(y) in L_wd. λ is 0.1: at 1 digits ended below source-only (docs/results/digits.md). Of batches of unequal
 * size only as many pairs are formed as the smaller one has images.
 */
import { z } from "zod";
import { between, decade } from "../foundation/tuning.ts";
import { Mlp } from "../nn/mlp.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import { grad } from "../torch/autograd.ts";
import { cat } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { discriminatorWidths } from "./discriminator.ts";
import { Joint, jointNumbers, jointSettings, jointTuning, type Pass } from "./joint.ts";
import { type MethodContext, method } from "./method.ts";

const schema = z.strictObject({
  ...jointSettings,
  weight: z.number().min(0).default(0.1).describe("λ, weight of the Wasserstein distance"),
  criticSteps: z.number().int().min(1).default(5).describe("n, steps of the critic per step of the network"),
  criticLr: z.number().min(0).default(1e-3).describe("learning rate of the critic"),
  penalty: z.number().min(0).default(10).describe("γ, weight of the gradient penalty"),
  discriminator: discriminatorWidths,
});

type Settings = z.output<typeof schema>;

export const wdgrl = method({
  name: "wdgrl",
  paper: "Shen et al. 2018 (arXiv:1707.01217)",
  summary: "minimises the Wasserstein distance of the domains' features, which a critic estimates",
  schema,
  tuning: {
    ...jointTuning,
    weight: decade,
    criticSteps: "fixed",
    criticLr: decade,
    penalty: between(1, 100),
    discriminator: "fixed",
  },
  numbers: {
    ...jointNumbers,
    wasserstein: {
      kind: "distance",
      meaning: "the domains' Wasserstein-1 distance, as the critic estimates it",
    },
  },
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new Joint(settings, context, wasserstein(settings, context)),
});

/** L_wd = Σ w_s f(h_s) − mean f(h_t). cS (B, 1), cT (B', 1), shares (B) */
const lossWd = (cS: Tensor, cT: Tensor, shares: Tensor): Tensor =>
  cS.squeeze(1).mul(shares).sum().sub(cT.mean());

/** L_grad = mean (‖∇_h f(h)‖ − 1)² over the rows of h (N, F). */
function lossGradient(critic: Mlp, h: Tensor): Tensor {
  const input = h.detach().withGrad();
  const [slope] = grad(critic.forward(input).sum(), [input], { createGraph: true }); // (N, F)
  return slope!.square().sum(1).add(1e-12).sqrt().sub(1).square().mean();
}

function wasserstein(settings: Settings, { features, seed, generator, device }: MethodContext) {
  const widths = [features, ...settings.discriminator, 1];
  const critic = new Mlp(widths, new Generator(seed), { activation: "relu" }).to(device);
  const optimizer = new AdamW(critic.namedParameters(), { lr: settings.criticLr, weightDecay: 0 });
  const train = (hS: Tensor, hT: Tensor, shares: Tensor) => {
    const pairs = Math.min(hS.shape[0]!, hT.shape[0]!);
    for (let i = 0; i < settings.criticSteps; i++)
      tidy(() => {
        const fraction = generator.uniform([pairs, 1]).to(hS.dtype);
        const between = hT.narrow(0, 0, pairs).lerp(hS.narrow(0, 0, pairs), fraction);
        const distance = lossWd(critic.forward(hS), critic.forward(hT), shares);
        const penalty = lossGradient(critic, cat([hS, hT, between]));
        optimizer.zeroGrad();
        penalty.mul(settings.penalty).sub(distance).backward();
        optimizer.step();
      });
    optimizer.zeroGrad();
  };
  return {
    parts: { critic, criticOptimizer: optimizer },
    learned: new Map(),
    loss({ fS, fT, shares }: Pass) {
      critic.learn(true);
      train(fS.detach(), fT.detach(), shares);
      // The network's step must not change the critic.
      critic.learn(false);
      const distance = lossWd(critic.forward(fS), critic.forward(fT), shares);
      return { loss: distance.mul(settings.weight), numbers: { wasserstein: distance.detach() } };
    },
  };
}
