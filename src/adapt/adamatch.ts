/**
 * AdaMatch: a unified approach to semi-supervised learning and domain adaptation.
 *
 * Paper: Berthelot, Roelofs, Sohn, Carlini, Kurakin 2021, arXiv:2106.04732, section 3; constants of the authors' code
 * (google-research/adamatch).
 *
 * 1. Logits of the source alone (Z'_s), without changing batch norm's statistics; then of both domains together (Z_s, Z_t).
 * 2. Random logit interpolation: Z_s ← Z_s + λ ∘ (Z'_s − Z_s), λ in [0, 1] for each element.
 * 3. Distribution alignment: ỹ = normalise(ŷ · p_s / p_t), ŷ the weak view's prediction, p the running class means.
 * 4. Relative confidence threshold: c_τ = τ · mean of the source's greatest probability; mask = max ỹ ≥ c_τ.
 * 5. L = ½ (CE(weak) + CE(strong)) + μ(t) mean(mask · CE(Z_t,strong, argmax ỹ)).
 * 6. μ rises from 0 to 1 by half a cosine over the first half of training.
 * 7. The exponential moving average of the weights is evaluated.
 *
 * Semi-supervised domain adaptation, the paper's third setting: graded rows of the target, if there are any, are labelled
 * images as the source's are. The first term of L becomes a mean over both, ½ Σ_i w_i (CE(weak) + CE(strong)) / Σ_i w_i with
 * w = 1 for a source image and `gradedWeight` for a graded one.
 *
 * Our deviations:
 * - With an expected target prior π, p_s is replaced by it: the paper assumes that both domains have the same prior. p_t
 *   then starts at π, not at 1/K, so that alignment starts without effect, as the paper's does.
 * - `window` is a setting (128 in the code): in a run of a few hundred steps p_t would lag behind the predictions.
 * - Graded images pass with the target, whose they are: logits are interpolated for the source alone, and p_s and c_τ are the
 *   source's. Their labels may be soft.
 * - The average's momentum is min(0.999, (1 + t) / (10 + t)), so that the first weights don't dominate short runs; batch
 *   norm's buffers are copied, not averaged (as in the code).
 */
import { z } from "zod";
import { evenly } from "../foundation/tuning.ts";
import { updateAverage } from "../nn/average.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { noGrad } from "../torch/autograd.ts";
import { cat, tensor } from "../torch/create.ts";
import { crossEntropy } from "../torch/neural.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { ClassMeans } from "./class-means.ts";
import { untracked } from "./domains.ts";
import { gradedNumber, gradedSettings, gradedTuning } from "./graded.ts";
import { lossGrades, lossLabels } from "./kinds.ts";
import {
  type Batches,
  type GradedBatch,
  type MethodContext,
  method,
  type StepNumbers,
  type StepPosition,
} from "./method.ts";
import type { NamesOf, NumberDeclarations } from "./numbers.ts";
import { factorAt, optimizerOf, optimizing, optimizingTuning } from "./optimizing.ts";
import { Staged } from "./staged.ts";
import { clip, supervisedNumbers } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(20).describe("epochs of training on both domains"),
  batch: z.number().int().min(2).default(64).describe("images of the source per step"),
  uratio: z.number().int().min(1).default(3).describe("images of the target per image of the source"),
  ...optimizing({ optimizer: "sgd", lr: 0.03, weightDecay: 1e-3, schedule: "quarter" }),
  sourceFirst: z.boolean().default(false).describe("train on the source alone first, for --epochs epochs"),
  tau: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe("τ, share of the source's confidence from which a pseudo-label counts"),
  window: z
    .number()
    .int()
    .min(1)
    .default(128)
    .describe(
      "batches in the moving mean p_t; choose few for a run of a few hundred steps, so that it keeps up",
    ),
  average: z.number().min(0).lt(1).default(0.999).describe("momentum of the average of the weights"),
  pseudo: z.number().min(0).default(1).describe("weight of the pseudo-labels once μ is 1"),
  gradedWeight: gradedSettings.gradedWeight.describe(
    "with --graded: how many source images a graded one counts for in the labelled loss",
  ),
});

export type AdaMatchSettings = z.output<typeof schema>;

const numbers = {
  ...supervisedNumbers,
  lossTarget: { kind: "loss", meaning: "cross-entropy of the target's pseudo-labels on strong views" },
  lossGraded: gradedNumber,
  mu: { kind: "weight", meaning: "μ, the weight of lossTarget" },
  maskRate: {
    kind: "share",
    meaning: "share of the target images that are confident enough for a pseudo-label",
  },
  pseudo: {
    kind: "share",
    meaning: "share of a class among the pseudo-labels; the first class has the rest",
    each: "class but the first",
  },
} as const satisfies NumberDeclarations;

type Numbers = StepNumbers<NamesOf<typeof numbers>>;

export const adamatch = method({
  name: "adamatch",
  paper: "Berthelot et al. 2021 (arXiv:2106.04732)",
  summary: "learns the target's pseudo-labels, aligned to the source's class means, on strong views",
  schema,
  tuning: {
    epochs: "budget",
    batch: "fixed",
    uratio: "fixed",
    ...optimizingTuning,
    sourceFirst: "choices",
    tau: evenly(0.5, 1),
    window: "fixed",
    average: "fixed",
    pseudo: evenly(0, 2),
    ...gradedTuning,
  },
  numbers,
  needsTarget: true,
  graded: "optional",
  kinds: true,
  separateSource: false,
  deeplense: { epochs: 5, warmup: 1, lr: 3e-4, optimizer: "adamw", weightDecay: 1e-5, schedule: "cosine" },
  build: (settings, context) => new AdaMatch(settings, context),
});

/** Z_s + λ ∘ (Z'_s − Z_s), each (B, K) */
export const interpolateLogits = (z: Tensor, zAlone: Tensor, lambda: Tensor): Tensor =>
  z.add(zAlone.sub(z).mul(lambda));

/** normalise(ŷ · (ε + p_s) / (ε + p_t)), rows with sum 1. ŷ (B, K), p_s, p_t (K) */
export function alignDistribution(y: Tensor, pS: Tensor, pT: Tensor): Tensor {
  const moved = y.mul(pS.add(1e-6).div(pT.add(1e-6)));
  return moved.div(moved.sum(1, true));
}

/** μ(t) = ½ − ½ cos(min(π, 2π t)), t the fraction of training that is done */
export const muAt = (progress: number): number =>
  0.5 - Math.cos(Math.min(Math.PI, 2 * Math.PI * progress)) / 2;

class AdaMatch extends Staged<Numbers, "optional"> {
  private readonly settings: AdaMatchSettings;
  private readonly network: Network;
  private readonly average: Network;
  private readonly means: ClassMeans;
  private readonly optimizer: Optimizer;

  constructor(settings: AdaMatchSettings, context: MethodContext) {
    const { epochs, batch, uratio } = settings;
    super(
      context,
      { epochs, batch: { source: batch, target: uratio * batch, graded: context.gradedBatch } },
      settings.sourceFirst,
    );
    this.settings = settings;
    this.network = context.network;
    this.average = context.network.copy().learn(false);
    const start = context.targetPrior ?? Array(context.classes).fill(1 / context.classes);
    this.means = tidy(() => new ClassMeans(settings.window, start).to(context.device));
    // No weight decay on biases, batch norm's scales and slopes (code).
    const all = [...this.network.namedParameters()];
    const matrices = { parameters: new Map(all.filter(([, value]) => value.ndim > 1)) };
    const vectors = { parameters: new Map(all.filter(([, value]) => value.ndim <= 1)), weightDecay: 0 };
    this.optimizer = optimizerOf([matrices, vectors], settings);
  }

  protected override start(): void {
    this.average.load(this.network.state());
  }

  protected override adapt(batches: Batches<"optional">, position: StepPosition): Numbers {
    const { source, target, graded } = batches;
    const { network, settings, optimizer } = this;
    const { compute, generator, source: supervised } = this.context;
    network.train();
    const outputsOf = (x: Tensor) => compute(() => network.outputs(network.features(x))).to("float32");
    const classLogits = (outputs: Tensor) => network.classLogits(outputs);
    const [b, bT] = [settings.batch, settings.batch * settings.uratio];

    // 1. The source alone, then with the target; only the second pass moves batch norm's statistics.
    const xS = cat([source!.view("weak"), source!.view("strong")]); // (2 B, C, H, W)
    const xT = cat([target!.view("weak"), target!.view("strong")]); // (2 B', C, H, W)
    const xG = graded === undefined ? [] : [graded.view("weak"), graded.view("strong")]; // each (G, C, H, W)
    const zAlone = untracked(network, () => outputsOf(xS)); // (2 B, O)
    const z = outputsOf(cat([xS, xT, ...xG])); // (2 B + 2 B' + 2 G, O)
    const zT = classLogits(z.narrow(0, 2 * b, 2 * bT)); // (2 B', K)
    // 2. Random logit interpolation.
    const lambda = generator.uniform(zAlone.shape);
    const zS = interpolateLogits(z.narrow(0, 0, 2 * b), zAlone, lambda); // (2 B, O)
    const [zWeak, zStrong] = [zS.narrow(0, 0, b), zS.narrow(0, b, b)];
    const zTarget = zT.narrow(0, bT, bT); // (B', K) of the strong views
    // 3., 4. Pseudo-labels of the weak views, aligned, and which are confident.
    const pS = classLogits(zWeak.detach()).softmax(1); // (B, K)
    const y = zT.narrow(0, 0, bT).detach().softmax(1); // (B', K)
    const { pseudo, mask } = this.pseudoLabels(pS, y); // (B') each
    // 5., 6. The loss, and a step.
    const smoothing = supervised.labelSmoothing;
    const weak = lossLabels(network, zWeak, source!, smoothing);
    const loss = weak.add(lossLabels(network, zStrong, source!, smoothing)).mul(0.5);
    const lossG =
      graded &&
      lossOfViews(network, z.narrow(0, 2 * (b + bT), 2 * graded.labels.shape[0]!), graded, smoothing);
    const [ofG, g] = [settings.gradedWeight, graded?.labels.shape[0] ?? 0];
    const labelled =
      lossG === undefined
        ? loss
        : loss
            .mul(b)
            .add(lossG.mul(ofG * g))
            .div(b + ofG * g);
    const lossTarget = crossEntropy(zTarget, pseudo, "none").mul(mask).mean();
    const mu = muAt(position.step / position.totalSteps) * settings.pseudo;
    optimizer.zeroGrad();
    labelled.add(lossTarget.mul(mu)).backward();
    const norm = clip(network.parameters(), supervised.clip);
    optimizer.factor = factorAt(settings, position);
    optimizer.step();
    optimizer.zeroGrad();
    // 7. The average of the weights.
    const momentum = Math.min(settings.average, (1 + position.step) / (10 + position.step));
    noGrad(() => updateAverage(this.average, network, momentum, { buffers: "copy" }));
    return {
      loss: loss.detach(),
      lossTarget: lossTarget.detach(),
      lossGraded: lossG?.detach(),
      mu,
      maskRate: mask.mean(),
      ...balanceOf(pseudo, this.context.classes),
      accuracy: classLogits(zWeak).argmax(1).eq(source!.labels).to("float32").mean(),
      ...norm,
      lr: settings.lr * optimizer.factor,
    };
  }

  /**
   * 3. and 4. of the target's weak views: the classes of the aligned predictions, and a mask of those that are confident,
   * relative to the source. pS (B, K), y (B', K) → (B') each
   */
  private pseudoLabels(pS: Tensor, y: Tensor): { pseudo: Tensor; mask: Tensor } {
    const { means } = this;
    const { targetPrior } = this.context;
    means.observe(pS, y);
    const expected = targetPrior === null ? means.sourceMean() : tensor(targetPrior, [targetPrior.length]);
    const aligned = alignDistribution(y, expected.toDevice(y.device), means.targetMean());
    const threshold = pS.max(1).mean().mul(this.settings.tau);
    return { pseudo: aligned.argmax(1), mask: aligned.max(1).ge(threshold).to("float32") };
  }

  protected override get adapted(): Network {
    return this.average;
  }
  protected override get parts() {
    const { network, average, means, optimizer } = this;
    return { network, average, means, optimizer };
  }
}

/** ½ (L_g(weak) + L_g(strong)) of graded images. z (2 G, O), weak views first */
function lossOfViews(network: Network, z: Tensor, graded: GradedBatch, smoothing: number): Tensor {
  const g = graded.labels.shape[0]!;
  return lossGrades(network, z.narrow(0, 0, g), graded, smoothing)
    .add(lossGrades(network, z.narrow(0, g, g), graded, smoothing))
    .mul(0.5);
}

/** The share of each class but the first among the pseudo-labels (B'). */
const balanceOf = (pseudo: Tensor, classes: number): StepNumbers<`pseudo${number}`> =>
  Object.fromEntries(
    Array.from({ length: classes - 1 }, (_, k) => [
      `pseudo${k + 1}`,
      pseudo
        .eq(k + 1)
        .to("float32")
        .mean(),
    ]),
  );
