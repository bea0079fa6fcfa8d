/**
 * ADDA: adversarial discriminative domain adaptation.
 *
 * Paper: Tzeng, Hoffman, Saenko, Darrell 2017, arXiv:1702.05464, section 4, equations 7 to 9.
 *
 * 1. Source encoder M_s and classifier C learn the source labels (eq. 9, L_cls).
 * 2. M_s and C are fixed. M_t starts as M_s and learns to map the target so that a discriminator D can't tell
 *    M_t(x_t) from M_s(x_s); D learns to tell them apart. One step of each for every pair of batches.
 * 3. A target image is classified by C(M_t(x)).
 *
 * Our deviations:
 * - Batch norm and dropout. The paper doesn't say in which mode its networks run. Here M_s and M_t both run in eval
 *   mode in stage 2: in training mode M_t's features would be normalised by their own batch and thinned by
 *   dropout, unlike M_s's, and D could tell the domains by the mode alone, from the first step, without learning
 *   anything about the sky. In eval mode, prediction also is the very function that was trained. `batchNorm` sets
 *   the statistics that M_t normalises by: `source`, those that it inherits from M_s, unchanged; or `target`, the
 *   target's (as in AdaBN, arXiv:1603.04779), updated by a separate forward pass before each step. D's features
 *   are computed after that pass, still in eval mode.
 * - D standardises features by the source's mean and standard deviation: features of a network with dropout are
 *   small (0.1), and at any usual rate an MLP on them stays at chance for hundreds of steps, while M_t follows noise.
 * - AdamW with a cosine schedule in place of Adam with a constant rate, as in the GSoC 2022 DeepLense project;
 *   beta1 = 0.5 is the authors'. M_t's rate is lower than D's (1e-5 against 3e-4) and warmed up: only D keeps the
 *   target's features in the right class, and a fast M_t drifts away. D starts from scratch and is not warmed up.
 * - `targetPrior` (off unless given): D's source term is weighted by π_t(y) / π_s(y). D compares whole feature
 *   distributions; if lenses are half of the source and 1 in 1,000 of the target, matching these unweighted means
 *   predicting half of the target as lenses.
 * - `sourceAnchor` (0, off): weight of L_cls of C(M_t(x_s)) in M_t's loss, which keeps M_t at its task. The paper has no such
 *   term: its M_t sees no source image and no label in stage 2. C stays fixed, M_t runs in eval mode on the view that
 *   M_s saw, labels are not smoothed, and `clip` limits the gradient of the sum.
 */
import { z } from "zod";
import { between, decade, evenly } from "../foundation/tuning.ts";
import type { Network } from "../nn/network.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import { noGrad } from "../torch/autograd.ts";
import { tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { lossCls } from "./class-loss.ts";
import { Discriminator, discriminatorNumbers, discriminatorWidths } from "./discriminator.ts";
import { moveStatistics } from "./domains.ts";
import {
  type Batches,
  type LabelledBatch,
  type MethodContext,
  method,
  type StepNumbers,
  type StepPosition,
} from "./method.ts";
import type { NamesOf, NumberDeclarations } from "./numbers.ts";
import { priorRatio } from "./prior.ts";
import { Staged } from "./staged.ts";
import { clip, encoderParameters, supervisedNumbers, warmCosine } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(5).describe("epochs of adversarial adaptation"),
  batch: z.number().int().min(1).default(64).describe("images of each domain per step"),
  lr: z.number().min(0).default(1e-5).describe("learning rate of the target encoder M_t"),
  discriminatorLr: z.number().min(0).default(3e-4).describe("learning rate of the discriminator D"),
  beta1: z.number().min(0).lt(1).default(0.5).describe("AdamW's beta1, for both"),
  weightDecay: z.number().min(0).default(1e-5).describe("decoupled weight decay, for both"),
  warmup: z.number().min(0).default(1).describe("linear warm-up of M_t's rate").meta({ unit: "epochs" }),
  discriminator: discriminatorWidths,
  batchNorm: z
    .enum(["source", "target"])
    .default("source")
    .describe("statistics that M_t normalises by: the source's, inherited from M_s, or the target's"),
  sourceAnchor: z.number().min(0).default(0).describe("weight of the source's cross-entropy through M_t"),
});

/** Settings of ADDA, as `--adda.…`. */
export type AddaSettings = z.output<typeof schema>;

const numbers = {
  ...supervisedNumbers,
  ...discriminatorNumbers,
  lossM: {
    kind: "loss",
    meaning: "M_t's loss: small when the discriminator takes the target for the source",
  },
  lossAnchor: {
    kind: "loss",
    meaning: "cross-entropy of the source's labels through M_t",
    when: "with sourceAnchor",
  },
} as const satisfies NumberDeclarations;

type Numbers = StepNumbers<NamesOf<typeof numbers>>;

/** Adversarial discriminative domain adaptation (Tzeng et al. 2017, arXiv:1702.05464). */
export const adda = method({
  name: "adda",
  paper: "Tzeng et al. 2017 (arXiv:1702.05464)",
  summary: "a target encoder learns, against a discriminator, to produce the source encoder's features",
  schema,
  tuning: {
    epochs: "budget",
    batch: "fixed",
    lr: decade,
    discriminatorLr: decade,
    beta1: evenly(0, 0.9),
    weightDecay: between(1e-6, 1e-2),
    warmup: "fixed",
    discriminator: "fixed",
    batchNorm: "choices",
    sourceAnchor: evenly(0, 1),
  },
  numbers,
  needsTarget: true,
  graded: "no",
  separateSource: true,
  deeplense: { epochs: 5, warmup: 2, lr: 1e-6, discriminatorLr: 1e-4, batch: 100 },
  build: (settings, context) => new Adda(settings, context),
});

/**
 * L_adv_D = −E_s[log D(M_s(x_s))] − E_t[log(1 − D(M_t(x_t)))] (eq. 7), from D's logits.
 *
 * @param zS (B, 1) for M_s(x_s), @param zT (B', 1) for M_t(x_t)
 * @param weights (B, 1), each source image's share in its mean; null for equal shares
 */
export function lossAdvD(zS: Tensor, zT: Tensor, weights: Tensor | null = null): Tensor {
  const source = zS.logSigmoid().neg();
  const meanSource = weights === null ? source.mean() : source.mul(weights).sum().div(weights.sum());
  return meanSource.add(zT.neg().logSigmoid().neg().mean()); // 1 − σ(z) = σ(−z)
}

/** L_adv_M = −E_t[log D(M_t(x_t))] (eq. 8, inverted labels), from D's logits. zT (B', 1) */
export const lossAdvM = (zT: Tensor): Tensor => zT.logSigmoid().neg().mean();

class Adda extends Staged<Numbers> {
  private readonly settings: AddaSettings;
  /** M_s and C. */
  private readonly source: Network;
  /** M_t and C. */
  private readonly target: Network;
  private readonly discriminator: Discriminator;
  private readonly optimizerM: AdamW;
  private readonly optimizerD: AdamW;
  private readonly parametersM: Tensor[];
  private readonly ratio: readonly number[] | null;

  constructor(settings: AddaSettings, context: MethodContext) {
    super(
      context,
      { epochs: settings.epochs, batch: { source: settings.batch, target: settings.batch } },
      true,
    );
    this.settings = settings;
    this.source = context.network;
    this.target = context.network.copy();
    this.target.classifier.learn(false);
    this.discriminator = new Discriminator(context.features, settings.discriminator, context.seed).to(
      context.device,
    );
    const { beta1, weightDecay } = settings;
    const namedM = encoderParameters(this.target);
    this.parametersM = [...namedM.values()];
    this.optimizerM = new AdamW(namedM, { lr: settings.lr, beta1, weightDecay });
    const namedD = this.discriminator.namedParameters();
    this.optimizerD = new AdamW(namedD, { lr: settings.discriminatorLr, beta1, weightDecay });
    this.ratio = priorRatio(context);
  }

  protected override start(): void {
    this.target.load(this.source.state());
  }

  protected override adapt({ source, target }: Batches, position: StepPosition): Numbers {
    const { source: Ms, target: Mt, discriminator: D, optimizerM, optimizerD, settings } = this;
    const { compute } = this.context;
    optimizerM.factor = warmCosine(settings.warmup, position);
    optimizerD.factor = warmCosine(0, position);
    const xS = source!.view("weak"); // (B, C, H, W)
    const xT = target!.view("weak"); // (B, C, H, W)

    // 1. Both encoders in eval mode; before that, M_t's statistics move, if they are to be the target's.
    Ms.train(false);
    if (settings.batchNorm === "target") compute(() => moveStatistics(Mt.train(), xT));
    Mt.train(false);
    const fS = noGrad(() => compute(() => Ms.features(xS))).to("float32"); // (B, F)
    const fT = compute(() => Mt.features(xT)).to("float32"); // (B, F)

    // 2. D learns to tell the domains; the features enter detached.
    D.observe(fS);
    const zS = D.forward(fS); // (B, 1)
    const zT = D.forward(fT.detach()); // (B, 1)
    const lossD = lossAdvD(zS, zT, this.weights(source!.labels));
    optimizerD.zeroGrad();
    lossD.backward();
    optimizerD.step();

    // 3. M_t learns to be taken for M_s by the updated D.
    const lossM = lossAdvM(D.forward(fT));
    const anchor = settings.sourceAnchor > 0 ? this.anchor(source!, xS) : null;
    optimizerM.zeroGrad();
    (anchor === null ? lossM : lossM.add(anchor.mul(settings.sourceAnchor))).backward();
    const norm = clip(this.parametersM, this.context.source.clip);
    optimizerM.step();
    optimizerM.zeroGrad();
    optimizerD.zeroGrad();

    return {
      lossD: lossD.detach(),
      lossM: lossM.detach(),
      ...(anchor === null ? {} : { lossAnchor: anchor.detach() }),
      sourceFound: zS.gt(0).to("float32").mean(),
      targetFound: zT.lt(0).to("float32").mean(),
      ...norm,
      lr: settings.lr * optimizerM.factor,
    };
  }

  /** L_cls of C(M_t(x_s)). */
  private anchor({ labels }: LabelledBatch, xS: Tensor): Tensor {
    return lossCls(
      this.context.compute(() => this.target.forward(xS)),
      labels,
    );
  }

  /** Each source image's weight under the expected target prior (B, 1). */
  private weights(labels: Tensor): Tensor | null {
    if (this.ratio === null) return null;
    const ratio = tensor(this.ratio, [this.ratio.length, 1], { device: labels.device });
    return ratio.indexSelect(0, labels);
  }

  protected override get adapted(): Network {
    return this.target;
  }
  protected override get parts() {
    const { source, target, discriminator, optimizerM, optimizerD } = this;
    return { source, target, discriminator, optimizerM, optimizerD };
  }
}
