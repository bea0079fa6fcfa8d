/**
 * SDA: supervised domain adaptation by classification and contrastive semantic alignment (CCSA).
 *
 * Paper: Motiian, Piccirilli, Adjeroh, Doretto 2017, arXiv:1709.10190, section 3; γ as in the authors' code. It separates
 * lenses from spirals on HSC in Parul et al. 2024, arXiv:2410.01203.
 *
 * g is the network up to its features, h the classifier; source images x_i^s and graded images x_j^t of the target make
 * pairs (i, j), with the distance D_ij = ‖g(x_i^s) − g(x_j^t)‖.
 *
 * 1. L_C = −E[log softmax(h(g(x^s)))_y], on the source alone.
 * 2. L_SA: the mean of ½ D_ij² over pairs of one class, which pulls them together.
 * 3. L_S: the mean of ½ max(0, m − D_ij)² over pairs of two classes, which pushes them apart up to the margin m.
 * 4. L = (1 − γ) L_C + γ (L_SA + L_S).
 *
 * Our deviations:
 * - A graded label may be soft: a pair is of one class by the share Σ_k y_ik y_jk, and of two by the rest; the means of 2.
 *   and 3. are weighted by these. With sure labels they are the paper's.
 * - All pairs of a batch count; the authors' code draws three pairs of two classes for each of one.
 * - D² has 10⁻¹² added, so that its root has a gradient where two images have the same features.
 * - AdamW with a cosine schedule.
 */
import { z } from "zod";
import { decade, evenly } from "../foundation/tuning.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { oneHot } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { batchNormModes, featuresOfBoth, refuseUntrained } from "./domains.ts";
import { lossLabels } from "./kinds.ts";
import { type Batches, type MethodContext, method, type StepNumbers, type StepPosition } from "./method.ts";
import type { NamesOf, NumberDeclarations } from "./numbers.ts";
import { factorAt, optimizerOf, optimizing, optimizingTuning } from "./optimizing.ts";
import { Staged } from "./staged.ts";
import { clip, supervisedNumbers } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(7).describe("epochs of training on source and graded rows"),
  batch: z.number().int().min(2).default(64).describe("images of the source per step"),
  ...optimizing({ optimizer: "adamw", lr: 1e-3, weightDecay: 1e-5, schedule: "cosine" }),
  sourceFirst: z.boolean().default(false).describe("train on the source alone first, for --epochs epochs"),
  batchNorm: z
    .enum(batchNormModes)
    .default("together")
    .describe(
      "normalise source and graded rows together, apart by their own statistics, or both by the running statistics of " +
        "source or target, which needs --from or sourceFirst",
    ),
  gamma: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe("γ, the share of the contrastive terms in the loss; the source's labels have the rest"),
  margin: z
    .number()
    .positive()
    .default(1)
    .describe("m, the distance from which images of two classes are far enough apart"),
});

export type SdaSettings = z.output<typeof schema>;

const numbers = {
  ...supervisedNumbers,
  alignment: { kind: "distance", meaning: "L_SA: half the squared distance of pairs of one class" },
  separation: { kind: "loss", meaning: "L_S: how far pairs of two classes are inside the margin" },
} as const satisfies NumberDeclarations;

type Numbers = StepNumbers<NamesOf<typeof numbers>>;

export const sda = method({
  name: "sda",
  paper: "Motiian et al. 2017 (arXiv:1709.10190)",
  summary: "pulls graded rows to the source's images of their class, and pushes them from those of others",
  schema,
  tuning: {
    epochs: "budget",
    batch: "fixed",
    ...optimizingTuning,
    sourceFirst: "choices",
    batchNorm: "choices",
    gamma: evenly(0.05, 0.75),
    margin: decade,
  },
  numbers,
  needsTarget: false,
  graded: "needed",
  kinds: true,
  separateSource: false,
  build: (settings, context) => new Sda(settings, context),
});

/**
 * L_SA and L_S of all pairs of a source image and a graded one. A term without a pair is 0.
 *
 * @param fS (B, F), @param yS (B, K), @param fG (G, F), @param yG (G, K); labels are rows with sum 1
 */
export function contrast(
  fS: Tensor,
  yS: Tensor,
  fG: Tensor,
  yG: Tensor,
  margin: number,
): { alignment: Tensor; separation: Tensor } {
  const same = yS.matmul(yG.transpose(0, 1)); // (B, G)
  const other = same.rsub(1);
  const squared = fS.unsqueeze(1).sub(fG.unsqueeze(0)).square().sum(2); // D², (B, G)
  const inside = squared.add(1e-12).sqrt().rsub(margin).relu(); // max(0, m − D)
  return { alignment: half(squared, same), separation: half(inside.square(), other) };
}

/** ½ Σ w x / Σ w over all pairs; 0 if no pair has a weight. */
const half = (x: Tensor, w: Tensor): Tensor => x.mul(w).sum().div(w.sum().add(1e-12)).mul(0.5);

class Sda extends Staged<Numbers, "needed"> {
  private readonly settings: SdaSettings;
  private readonly network: Network;
  private readonly optimizer: Optimizer;

  constructor(settings: SdaSettings, context: MethodContext) {
    const { epochs, batch, sourceFirst } = settings;
    refuseUntrained(settings, context);
    super(context, { epochs, batch: { source: batch, target: 0, graded: context.gradedBatch } }, sourceFirst);
    this.settings = settings;
    this.network = context.network;
    this.optimizer = optimizerOf(context.network.namedParameters(), settings);
  }

  protected override adapt({ source, graded }: Batches<"needed">, position: StepPosition): Numbers {
    const { network, settings, optimizer } = this;
    const { compute, classes, source: supervised } = this.context;
    // 1. Both through the network; the source's labels.
    network.train();
    const [xS, xG] = [source!.view("weak"), graded!.view("weak")]; // (B, C, H, W), (G, C, H, W)
    const { fS, fT: fG } = compute(() => featuresOfBoth(network, xS, xG, settings.batchNorm));
    const outputs = network.outputs(fS); // (B, O)
    const zS = network.classLogits(outputs); // (B, K)
    const loss = lossLabels(network, outputs, source!, supervised.labelSmoothing);
    // 2., 3. Pairs.
    const yS = oneHot(source!.labels, classes).to("float32"); // (B, K)
    const { alignment, separation } = contrast(fS, yS, fG, graded!.labels, settings.margin);
    // 4. One step down the gradient.
    const contrastive = alignment.add(separation);
    optimizer.zeroGrad();
    loss
      .mul(1 - settings.gamma)
      .add(contrastive.mul(settings.gamma))
      .backward();
    const norm = clip(network.parameters(), supervised.clip);
    optimizer.factor = factorAt(settings, position);
    optimizer.step();
    optimizer.zeroGrad();
    return {
      loss: loss.detach(),
      alignment: alignment.detach(),
      separation: separation.detach(),
      accuracy: zS.argmax(1).eq(source!.labels).to("float32").mean(),
      ...norm,
      lr: settings.lr * optimizer.factor,
    };
  }

  protected override get adapted(): Network {
    return this.network;
  }
  protected override get parts() {
    const { network, optimizer } = this;
    return { network, optimizer };
  }
}
