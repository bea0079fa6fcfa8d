/**
 * nnPU: learning from labelled rows and unlabelled ones that pass for negatives, with a risk that can't fall below zero.
 *
 * Paper: Kiryo, Niu, du Plessis, Sugiyama 2017, arXiv:1703.00593, section 3.1, equation 6, and algorithm 1.
 *
 * The source's rows of one class, such as `not-lens`, are unlabelled: a share π of them is of the other classes.
 *
 * 1. R_p⁺ = mean of ℓ(z, labelled) over the labelled rows, R_p⁻ = mean of ℓ(z, unlabelled) over the same, and R_u⁻ that
 *    mean over the unlabelled rows. Then R_u⁻ − π R_p⁻ estimates (1 − π) R_n⁻, the risk of the true negatives.
 * 2. R̃ = π R_p⁺ + max(0, R_u⁻ − π R_p⁻) (eq. 6).
 * 3. Where R_u⁻ − π R_p⁻ ≥ −β, a step down the gradient of π R_p⁺ + R_u⁻ − π R_p⁻. Where it is below, the network knows
 *    its unlabelled rows by heart: a step down the gradient of π R_p⁻ − R_u⁻, γ times as long (algorithm 1).
 *
 * Our deviations:
 * - π is 1 in 1,000 for lenses, and a risk in which they weigh so little ranks badly: R̃ is π' R_p⁺ + (1 − π') R_n⁻ with a
 *   share π' of its own (as Su, Chen, Xu 2021, IJCAI, do with π' = ½), by default the share of labelled rows in the
 *   source. With π near 0 that is source-only's loss; `weight` equal to `prior` is the paper's.
 * - Of K classes one is unlabelled; π is divided among the others as the source's labelled rows are.
 * - Cross-entropy by default, since its probabilities can be calibrated; `sigmoid` is the paper's loss.
 * - Labelled and unlabelled rows come in one batch, as the source's order has them. A batch without unlabelled rows is
 *   learned by R_p⁺ alone.
 * - AdamW with a cosine schedule.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import { decade, evenly } from "../foundation/tuning.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import { tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type LabelledBatch, type MethodContext, method, type StepPosition, type Trainer } from "./method.ts";
import type { NumberDeclarations } from "./numbers.ts";
import { joinStates, loadStates } from "./state.ts";
import { clip, sourcePhase, supervisedNumbers, warmCosine } from "./supervised.ts";

const schema = z.strictObject({
  prior: z
    .number()
    .min(0)
    .lt(1)
    .default(0.001)
    .describe(
      "π, the share of the unlabelled rows that are of the labelled classes after all, such as lenses",
    ),
  unlabelled: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("index of the class whose rows are unlabelled: 0 for not-lens of not-lens, lens"),
  weight: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe(
      "π', the share at which labelled rows count in the risk (none: their share in the source; the paper's is π)",
    ),
  loss: z
    .enum(["cross-entropy", "sigmoid"])
    .default("cross-entropy")
    .describe("ℓ: −log p of the class, or 1 − p, which for two classes is the paper's sigmoid loss"),
  beta: z
    .number()
    .min(0)
    .default(0)
    .describe("β, how far below zero the negatives' risk may fall before a step is taken back"),
  gamma: z.number().min(0).max(1).default(1).describe("γ, the length of a step that is taken back"),
});

type NnpuSettings = z.output<typeof schema>;

const numbers = {
  ...supervisedNumbers,
  loss: { kind: "loss", meaning: "the non-negative risk of the source's rows" },
  negativeRisk: {
    kind: "loss",
    meaning:
      "R_u⁻ − π R_p⁻, the risk of the true negatives times their share; overfitting takes it below zero",
  },
  takenBack: {
    kind: "share",
    meaning: "share of the steps that were taken back, up the risk of the negatives",
  },
} as const satisfies NumberDeclarations;

export const nnpu = method({
  name: "nnpu",
  paper: "Kiryo et al. 2017 (arXiv:1703.00593)",
  summary:
    "supervised on the source, whose negatives are unlabelled rows with a few hidden lenses among them",
  schema,
  tuning: {
    prior: decade,
    unlabelled: "fixed",
    weight: evenly(0.05, 0.95),
    loss: "choices",
    beta: "fixed",
    gamma: evenly(0, 1),
  },
  numbers,
  needsTarget: false,
  graded: "no",
  separateSource: false,
  build: (settings, context) => new Nnpu(settings, context),
});

/** How the rows of each class count. */
export interface Shares {
  /** Index of the unlabelled class. */
  unlabelled: number;
  /** Share of each class among the unlabelled rows (K), sum π; 0 for the unlabelled class. */
  hidden: readonly number[];
  /** Weight of each class's R_p⁺ (K), sum π'; 0 for the unlabelled class. */
  weights: readonly number[];
}

/** @param drawn share of each class in the source as it is drawn (K) */
export function sharesOf(
  { prior, unlabelled, weight }: Pick<NnpuSettings, "prior" | "unlabelled" | "weight">,
  drawn: readonly number[],
): Shares {
  const labelled = drawn.map((share, k) => (k === unlabelled ? 0 : share));
  const all = labelled.reduce((a, b) => a + b, 0);
  const scaled = (to: number) => labelled.map((share) => (share / all) * to);
  return { unlabelled, hidden: scaled(prior), weights: scaled(weight ?? all) };
}

/**
 * The parts of the risk: Σ π'_k R_k⁺ over the labelled classes, and R_u⁻ − Σ π_k R_k⁻; a class without rows counts 0.
 *
 * @param logits (B, K)
 * @param labels (B)
 * @returns scalars; `negative` is null for a batch without unlabelled rows
 */
export function risksOf(
  logits: Tensor,
  labels: Tensor,
  { unlabelled, hidden, weights }: Shares,
  loss: NnpuSettings["loss"],
  smoothing = 0,
): { positive: Tensor; negative: Tensor | null } {
  const classes = hidden.length;
  const row = (values: readonly number[]) => tensor(values, [1, classes], { device: logits.device });
  const log = logits.to("float32").logSoftmax(1);
  const plain = loss === "sigmoid" ? log.exp().neg().add(1) : log.neg(); // (B, K): ℓ(z, k)
  const losses = plain.mul(1 - smoothing).add(plain.mean(1, true).mul(smoothing));
  const own = labels
    .unsqueeze(1)
    .eq(row(hidden.map((_, k) => k)))
    .to("float32"); // (B, K)
  const counts = own.sum(0, true); // (1, K)
  const shares = own.div(counts.clamp(1)); // each row's share in its class's mean
  const positive = losses.mul(shares).mul(row(weights)).sum();
  if (!(counts.narrow(1, unlabelled, 1).item() > 0)) return { positive, negative: null };
  const sign = row(hidden.map((share, k) => (k === unlabelled ? 1 : -share)));
  const negative = losses.narrow(1, unlabelled, 1).mul(shares).mul(sign).sum();
  return { positive, negative };
}

class Nnpu implements Trainer {
  readonly phases;
  private readonly settings: NnpuSettings;
  private readonly context: MethodContext;
  private readonly optimizer: AdamW;
  private readonly parameters: Tensor[];
  private readonly shares: Shares;
  /** By which R_u⁻ − π R_p⁻ counts: (1 − π') / (1 − π). */
  private readonly scale: number;

  constructor(settings: NnpuSettings, context: MethodContext) {
    const { classes, network, source, sourcePrior } = context;
    if (settings.unlabelled >= classes)
      refuse(
        "train",
        "nnpu.unlabelled",
        `an index of one of ${classes} classes, from 0`,
        settings.unlabelled,
      );
    this.settings = settings;
    this.context = context;
    this.phases = [sourcePhase(source, true)];
    this.parameters = network.parameters();
    this.optimizer = new AdamW(network.namedParameters(), {
      lr: source.lr,
      weightDecay: source.weightDecay,
    });
    this.shares = sharesOf(settings, sourcePrior);
    this.scale = (1 - this.shares.weights.reduce((a, b) => a + b, 0)) / (1 - settings.prior);
  }

  begin(): void {}

  step(...[, { source }, position]: Parameters<Trainer["step"]>) {
    return this.learn(source!, position);
  }

  private learn(source: LabelledBatch, position: StepPosition) {
    const { settings, optimizer, scale } = this;
    const { network, compute, source: supervised } = this.context;
    // 1. The risks on a weakly augmented view, batch norm and dropout in training mode.
    network.train();
    const x = source.view("weak"); // (B, C, H, W)
    const logits = compute(() => network.forward(x)); // (B, K)
    const { positive, negative } = risksOf(
      logits,
      source.labels,
      this.shares,
      settings.loss,
      supervised.labelSmoothing,
    );
    // 2. Down the whole risk; or, where the negatives' has fallen below −β, up that one.
    const value = negative === null ? 0 : negative.item();
    const back = value < -settings.beta;
    const loss =
      negative === null ? positive : back ? negative.mul(-scale) : positive.add(negative.mul(scale));
    optimizer.zeroGrad();
    loss.backward();
    const norm = clip(this.parameters, supervised.clip);
    optimizer.factor = warmCosine(supervised.warmup, position) * (back ? settings.gamma : 1);
    optimizer.step();
    optimizer.zeroGrad();
    return {
      loss: positive.detach().add(Math.max(0, value) * scale),
      negativeRisk: value,
      takenBack: back ? 1 : 0,
      accuracy: logits.argmax(1).eq(source.labels).to("float32").mean(),
      ...norm,
      lr: supervised.lr * optimizer.factor,
    };
  }

  model() {
    return this.context.network;
  }

  private get parts() {
    return { network: this.context.network, optimizer: this.optimizer };
  }
  state() {
    return joinStates(this.parts);
  }
  load(state: Parameters<Trainer["load"]>[0]): void {
    loadStates(this.parts, state);
  }
  dispose(): void {
    this.optimizer.dispose();
  }
}
