/**
 * One network that learns the source's labels and, with the same gradient, the method's own loss on both domains:
 * L = L_cls(source) + L_method(source, target). Most published methods have this form; each has its loss in its own file.
 * One that weights the two combines them itself.
 *
 * Graded rows of the target, if there are any, add w_g L_g to L_cls, the cross-entropy of their labels; w_g is
 * `gradedWeight`. The method's own loss sees the unlabelled target alone: graded rows are chosen by people, not drawn from
 * the target.
 */
import { z } from "zod";
import type { Tuning } from "../foundation/tuning.ts";
import type { Network } from "../nn/network.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Tensor } from "../torch/tensor.ts";
import { batchNormModes, featuresOfBoth, refuseUntrained } from "./domains.ts";
import { gradedNumber, gradedSettings, gradedTuning } from "./graded.ts";
import { lossGrades, lossLabels } from "./kinds.ts";
import type { Batches, MethodContext, StepNumbers, StepPosition } from "./method.ts";
import type { NumberDeclarations } from "./numbers.ts";
import {
  factorAt,
  type OptimizingSettings,
  optimizerOf,
  optimizing,
  optimizingTuning,
} from "./optimizing.ts";
import { priorRatio, sourceShares } from "./prior.ts";
import { type Part, Staged } from "./staged.ts";
import { clip, supervisedNumbers } from "./supervised.ts";

/** The settings that all joint methods have. */
export const jointSettings = {
  epochs: z.number().int().min(1).default(7).describe("epochs of training on both domains"),
  batch: z.number().int().min(2).default(64).describe("images of each domain per step"),
  ...optimizing({ optimizer: "adamw", lr: 1e-3, weightDecay: 1e-5, schedule: "cosine" }),
  sourceFirst: z
    .boolean()
    .default(false)
    .describe("train on the source alone first, for --epochs epochs; not needed with --from"),
  batchNorm: z
    .enum(batchNormModes)
    .default("together")
    .describe(
      "normalise both domains together, apart by their own statistics (and predict with the target's), or both by the " +
        "running statistics of source or target, which needs --from or sourceFirst",
    ),
  ...gradedSettings,
};

/** Values of `jointSettings`. */
export interface JointSettings extends OptimizingSettings {
  /** Epochs on both domains. */
  epochs: number;
  /** Images per step and domain. */
  batch: number;
  /** Whether the source is learned alone first. */
  sourceFirst: boolean;
  /** Which domains' images batch norm sees together. */
  batchNorm: (typeof batchNormModes)[number];
  /** Weight of the graded rows' loss. */
  gradedWeight: number;
}

/** How `tune` varies `jointSettings`. */
export const jointTuning: { readonly [K in keyof typeof jointSettings]-?: Tuning } = {
  epochs: "budget",
  batch: "fixed",
  ...optimizingTuning,
  sourceFirst: "choices",
  batchNorm: "choices",
  ...gradedTuning,
};

/** The numbers of every joint step; the method's own are added. */
export const jointNumbers = {
  ...supervisedNumbers,
  lossGraded: gradedNumber,
} as const satisfies NumberDeclarations;

type JointNumber = keyof typeof jointNumbers;

/** The inputs of a method's loss. */
export interface Pass {
  /** Features of source and target, (B, F) and (B', F), float32 */
  fS: Tensor;
  /** Features of the target (B', F). */
  fT: Tensor;
  /** Logits, (B, K) and (B', K), float32 */
  zS: Tensor;
  /** Logits of the target (B', K). */
  zT: Tensor;
  /** (B) int64 */
  labels: Tensor;
  /** Each source image's share in means over the source (B), sum 1, from the expected target prior if it is known */
  shares: Tensor;
  /** Fraction of the phase that is done, from 0 to 1. */
  progress: number;
}

/** A method's own loss with its modules. `Name`: its own numbers. */
export interface Alignment<Name extends string = string> {
  /** Its modules and optimisers, saved and freed with the run. */
  readonly parts: Readonly<Record<string, Part>>;
  /** Its parameters that the joint gradient updates. */
  readonly learned: ReadonlyMap<string, Tensor>;
  /** Their learning rate and weight decay; the network's if left out. */
  readonly rates?: { readonly lr: number; readonly weightDecay: number };
  /** @returns its own loss, and numbers for the log */
  loss(pass: Pass): { loss: Tensor; numbers: StepNumbers<Name> };
  /** The loss of the step, from L_cls (with that of graded rows) and the method's own; their sum if left out. */
  combine?(lossCls: Tensor, own: Tensor): Tensor;
}

export class Joint<Name extends string> extends Staged<
  StepNumbers<Name> & StepNumbers<JointNumber>,
  "optional"
> {
  private readonly settings: JointSettings;
  private readonly network: Network;
  private readonly alignment: Alignment<Name>;
  private readonly optimizer: Optimizer;
  private readonly ratio: readonly number[] | null;

  constructor(settings: JointSettings, context: MethodContext, alignment: Alignment<Name>) {
    const { batch, epochs, sourceFirst } = settings;
    refuseUntrained(settings, context);
    super(
      context,
      { epochs, batch: { source: batch, target: batch, graded: context.gradedBatch } },
      sourceFirst,
    );
    this.settings = settings;
    this.network = context.network;
    this.alignment = alignment;
    const own = { parameters: alignment.learned, ...alignment.rates };
    const all = [{ parameters: this.network.namedParameters() }, own];
    this.optimizer = optimizerOf(all, settings);
    this.ratio = priorRatio(context);
  }

  protected override adapt({ source, target, graded }: Batches<"optional">, position: StepPosition) {
    const { network, settings, optimizer } = this;
    const { compute, source: supervised } = this.context;
    // 1. Both domains through the network, batch norm and dropout in training mode.
    network.train();
    const [xS, xT] = [source!.view("weak"), target!.view("weak")]; // (B, C, H, W)
    const xG = graded?.view("weak") ?? null; // (G, C, H, W)
    const { fS, fT, fG } = compute(() => featuresOfBoth(network, xS, xT, settings.batchNorm, xG)); // (B, F)
    const outputs = network.outputs(fS); // (B, O)
    const zS = network.classLogits(outputs); // (B, K)
    const zT = network.classifier.forward(fT); // (B, K)
    // 2. The source's labels, and the method's own loss.
    const loss = lossLabels(network, outputs, source!, supervised.labelSmoothing);
    const shares = sourceShares(this.ratio, source!.labels);
    const progress = position.step / position.totalSteps;
    const aligned = this.alignment.loss({ fS, fT, zS, zT, labels: source!.labels, shares, progress });
    const ofGraded =
      graded === undefined || fG === null
        ? null
        : lossGrades(network, network.outputs(fG), graded, supervised.labelSmoothing);
    const labelled = ofGraded === null ? loss : loss.add(ofGraded.mul(settings.gradedWeight));
    // 3. One step down the gradient of both together.
    optimizer.zeroGrad();
    (this.alignment.combine?.(labelled, aligned.loss) ?? labelled.add(aligned.loss)).backward();
    const norm = clip(network.parameters(), supervised.clip);
    optimizer.factor = factorAt(settings, position);
    optimizer.step();
    optimizer.zeroGrad();
    const accuracy = zS.argmax(1).eq(source!.labels).to("float32").mean();
    return {
      loss: loss.detach(),
      ...aligned.numbers,
      lossGraded: ofGraded?.detach(),
      accuracy,
      ...norm,
      lr: settings.lr * optimizer.factor,
    };
  }

  protected override get adapted(): Network {
    return this.network;
  }
  protected override get parts() {
    const { network, optimizer, alignment } = this;
    return { network, optimizer, ...alignment.parts };
  }
}
