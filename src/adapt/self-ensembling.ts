/**
 * Self-ensembling: on the target a student learns the predictions of a teacher, the average of its own past weights.
 *
 * Paper: French, Mackiewicz, Fisher 2018, arXiv:1706.05208, section 3; the constants of the authors' code where the paper
 * leaves them open.
 *
 * 1. The student's cross-entropy on the source's labels, and its prediction of one view of the target.
 * 2. The teacher's prediction of another view; it gets no gradient.
 * 3. L_cons = mean over images of mask · mean over classes of (p − p')²; the mask is 1 if the teacher's confidence
 *    exceeds `confidence` (section 3.2), or it is ramped up by exp(−5 (1 − t)²) (section 3.1).
 * 4. Class balance: binary cross-entropy of the student's mean prediction against the expected prior, times the mask's mean
 *    (section 3.4).
 * 5. θ' ← α θ' + (1 − α) θ over the whole state, batch norm's buffers included.
 *
 * Graded rows of the target, if there are any, add `gradedWeight` · L_g, the student's cross-entropy of their labels. They
 * pass with the target's batch, whose images they are.
 *
 * Both run in training mode, each domain's batch apart, so that each is normalised by its own statistics (section 3.3).
 *
 * Our deviations:
 * - `batchNorm: source` or `target` (off): both domains are normalised by the same running statistics, those of the starting
 *   network or those of the target. If lenses are rarer in the target than in the source, a batch's own statistics
 *   remove a part of what distinguishes the classes.
 * - The source's pass doesn't change batch norm's running statistics: the teacher, which is evaluated, normalises by the
 *   target's alone.
 * - The class balance uses the expected target prior if it is given, not 1/K: balanced predictions are wrong if one object
 *   in a thousand is a lens. It is weighted by `classBalance` alone; the authors' code multiplies their 0.005 by the weight
 *   of L_cons as well (3 · 0.005).
 * - The ramp grows with every step, from the start of the adaptation; the authors' grows by epoch, from the start of all
 *   training. It is long (80 epochs): with fewer epochs it ends below 1, as theirs would.
 * - The epoch is chosen by `select`; the authors' code keeps that of the highest share of confident target images, or with
 *   the ramp that of the lowest error on the source.
 */
import { z } from "zod";
import { evenly } from "../foundation/tuning.ts";
import { updateAverage } from "../nn/average.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { noGrad } from "../torch/autograd.ts";
import { cat, tensor } from "../torch/create.ts";
import type { Tensor } from "../torch/tensor.ts";
import { lossCls } from "./class-loss.ts";
import { frozen, moveStatistics, refuseUntrained, untracked } from "./domains.ts";
import { gradedNumber, gradedSettings, gradedTuning, lossGraded } from "./graded.ts";
import { type Batches, type MethodContext, method, type StepNumbers, type StepPosition } from "./method.ts";
import type { NamesOf, NumberDeclarations } from "./numbers.ts";
import { factorAt, optimizerOf, optimizing, optimizingTuning } from "./optimizing.ts";
import { Staged } from "./staged.ts";
import { clip, supervisedNumbers } from "./supervised.ts";

const schema = z.strictObject({
  epochs: z.number().int().min(1).default(20).describe("epochs of training on both domains"),
  batch: z.number().int().min(2).default(64).describe("images of each domain per step"),
  ...optimizing({ optimizer: "adamw", lr: 1e-3, weightDecay: 0, schedule: "constant" }),
  sourceFirst: z.boolean().default(false).describe("train on the source alone first, for --epochs epochs"),
  alpha: z.number().min(0).lt(1).default(0.99).describe("α, the share of the teacher that each step keeps"),
  consistency: z.number().min(0).default(3).describe("weight of L_cons"),
  mask: z
    .enum(["confidence", "rampup"])
    .default("confidence")
    .describe("what limits L_cons: the teacher's confidence, or a ramp-up"),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.96837722)
    .describe("probability above which a teacher's prediction counts"),
  rampup: z.number().positive().default(80).describe("length of the ramp-up").meta({ unit: "epochs" }),
  classBalance: z.number().min(0).default(0.005).describe("weight of the class balance"),
  batchNorm: z
    .enum(["apart", "source", "target"])
    .default("apart")
    .describe(
      "normalise the domains apart by their own statistics (and predict with the target's), or both by the running " +
        "statistics of source or target, which needs --from or sourceFirst",
    ),
  studentView: z.enum(["weak", "strong"]).default("weak").describe("augmentation of the student's view"),
  ...gradedSettings,
});

export type SelfEnsemblingSettings = z.output<typeof schema>;

const numbers = {
  ...supervisedNumbers,
  consistency: { kind: "loss", meaning: "L_cons: how much student and teacher differ on the target" },
  balance: { kind: "loss", meaning: "class balance of the student's predictions against the expected prior" },
  lossGraded: gradedNumber,
  maskRate: {
    kind: "share",
    meaning: "share of the target images that the teacher is confident of, or the ramp-up",
  },
} as const satisfies NumberDeclarations;

type Numbers = StepNumbers<NamesOf<typeof numbers>>;

export const selfEnsembling = method({
  name: "self-ensembling",
  paper: "French et al. 2018 (arXiv:1706.05208)",
  summary: "a student learns the target from a teacher, the moving average of itself",
  schema,
  tuning: {
    epochs: "budget",
    batch: "fixed",
    ...optimizingTuning,
    sourceFirst: "choices",
    alpha: evenly(0.9, 0.999),
    consistency: { factor: 10 },
    mask: "choices",
    confidence: evenly(0.5, 1),
    rampup: "fixed",
    classBalance: { factor: 10 },
    batchNorm: "choices",
    studentView: "choices",
    ...gradedTuning,
  },
  numbers,
  needsTarget: true,
  graded: "optional",
  separateSource: false,
  deeplense: { epochs: 5, warmup: 2, lr: 1e-4, weightDecay: 1e-5, schedule: "cosine" },
  build: (settings, context) => new SelfEnsembling(settings, context),
});

/** L_cons: p, p' (B, K), mask (B) → scalar */
export const lossCons = (p: Tensor, pTeacher: Tensor, mask: Tensor): Tensor =>
  p.sub(pTeacher).square().mean(1).mul(mask).mean();

/** Added to both arguments of a logarithm (code): the gradient of a class that is predicted nowhere stays finite, and not 0. */
const LEAST = 1e-6;

/** Sum over classes of BCE(mean p, π) (code): p (B, K), π (K) → scalar */
export function lossBalance(p: Tensor, prior: Tensor): Tensor {
  const mean = p.mean(0); // (K)
  return prior
    .mul(mean.add(LEAST).log())
    .add(prior.rsub(1).mul(mean.rsub(1).add(LEAST).log()))
    .sum()
    .neg();
}

/** exp(−5 (1 − t)²), t the fraction of the ramp that is done */
export const rampUp = (t: number): number => Math.exp(-5 * (1 - Math.min(1, t)) ** 2);

class SelfEnsembling extends Staged<Numbers, "optional"> {
  private readonly settings: SelfEnsemblingSettings;
  private readonly student: Network;
  private readonly teacher: Network;
  private readonly optimizer: Optimizer;
  private readonly prior: readonly number[];

  constructor(settings: SelfEnsemblingSettings, context: MethodContext) {
    const { epochs, batch } = settings;
    refuseUntrained(settings, context);
    super(
      context,
      { epochs, batch: { source: batch, target: batch, graded: context.gradedBatch } },
      settings.sourceFirst,
    );
    this.settings = settings;
    this.student = context.network;
    this.teacher = context.network.copy().learn(false);
    this.optimizer = optimizerOf(this.student.namedParameters(), settings);
    this.prior = context.targetPrior ?? Array(context.classes).fill(1 / context.classes);
  }

  protected override start(): void {
    this.teacher.load(this.student.state());
  }

  protected override adapt(batches: Batches<"optional">, position: StepPosition): Numbers {
    const { source, target, graded } = batches;
    const { student, teacher, settings, optimizer } = this;
    const { compute, source: supervised } = this.context;
    student.train();
    teacher.train();
    const fixed = settings.batchNorm !== "apart";
    const onSource = fixed ? frozen : untracked;
    const onTarget = (network: Network, images: Tensor) => {
      const forward = () => compute(() => network.forward(images));
      return (fixed ? frozen(network, forward) : forward()).to("float32");
    };
    // 1. The student: source and target apart.
    const xS = source!.view("weak"); // (B, C, H, W)
    const x = target!.view(settings.studentView); // (B', C, H, W)
    if (settings.batchNorm === "target") compute(() => moveStatistics(student, x));
    const zS = onSource(student, () => compute(() => student.forward(xS))); // (B, K)
    const loss = lossCls(zS, source!.labels, supervised.labelSmoothing);
    const xT = graded === undefined ? x : cat([x, graded.view("weak")]); // (B' + G, C, H, W)
    const zT = onTarget(student, xT); // (B' + G, K)
    const bT = x.shape[0]!;
    const p = zT.narrow(0, 0, bT).softmax(1); // (B', K)
    const ofGraded =
      graded &&
      lossGraded(zT.narrow(0, bT, graded.labels.shape[0]!), graded.labels, supervised.labelSmoothing);
    // 2. The teacher, on a view of its own.
    const xTeacher = target!.view("weak");
    const pTeacher = noGrad(() => onTarget(teacher, xTeacher).softmax(1)); // (B', K)
    // 3. Consistency, masked by the teacher's confidence or scaled by the ramp.
    const confident = pTeacher.max(1).gt(settings.confidence).to("float32"); // (B')
    const ramp = rampUp((position.step + 1) / (settings.rampup * position.stepsPerEpoch));
    const mask = settings.mask === "confidence" ? confident : confident.mul(0).add(ramp);
    const consistency = lossCons(p, pTeacher, mask);
    // 4. Class balance against the expected prior.
    const prior = tensor(this.prior, [this.prior.length], { device: p.device });
    const balance = lossBalance(p, prior).mul(mask.mean());
    const supervisedLoss = ofGraded === undefined ? loss : loss.add(ofGraded.mul(settings.gradedWeight));
    const total = supervisedLoss
      .add(consistency.mul(settings.consistency))
      .add(balance.mul(settings.classBalance));
    optimizer.zeroGrad();
    total.backward();
    const norm = clip(student.parameters(), supervised.clip);
    optimizer.factor = factorAt(settings, position);
    optimizer.step();
    optimizer.zeroGrad();
    // 5. The teacher follows.
    updateAverage(teacher, student, settings.alpha);
    return {
      loss: loss.detach(),
      consistency: consistency.detach(),
      balance: balance.detach(),
      lossGraded: ofGraded?.detach(),
      maskRate: mask.mean(),
      accuracy: zS.argmax(1).eq(source!.labels).to("float32").mean(),
      ...norm,
      lr: settings.lr * optimizer.factor,
    };
  }

  protected override get adapted(): Network {
    return this.teacher;
  }
  protected override get parts() {
    const { student, teacher, optimizer } = this;
    return { student, teacher, optimizer };
  }
}
