/**
 * One network that learns the source's labels and, with the same gradient, a loss of the method's own that brings the
 * target in: L = L_cls(source) + L_method(source, target). Most published methods are this; each has its loss in its
 * own file.
 */
import { z } from "zod";
import type { Network, Optimizer } from "../nn/index.ts";
import type { Tensor } from "../torch/index.ts";
import { batchNormModes, featuresOfBoth } from "./domains.ts";
import type { Batches, MethodContext, Phase, StepNumbers, StepPlace, Trainer } from "./method.ts";
import { factorAt, type OptimizingSettings, optimizerOf, optimizing } from "./optimizing.ts";
import { priorRatio, sourceShares } from "./prior.ts";
import { joinStates, loadStates, type Stateful } from "./state.ts";
import { clip, lossCls, SupervisedStage, sourcePhase } from "./supervised.ts";

export const jointSettings = {
  epochs: z.number().int().min(1).default(7).describe("epochs of training on both domains"),
  batch: z.number().int().min(2).default(64).describe("images of each domain a step"),
  ...optimizing({ optimizer: "adamw", lr: 1e-3, weightDecay: 1e-5, schedule: "cosine" }),
  sourceFirst: z
    .boolean()
    .default(false)
    .describe("train on the source alone before, for --epochs epochs; a start by --from makes this needless"),
  batchNorm: z
    .enum(batchNormModes)
    .default("together")
    .describe(
      "normalise both domains together, or apart by their own statistics (and predict by the target's)",
    ),
};

export interface JointSettings extends OptimizingSettings {
  epochs: number;
  batch: number;
  sourceFirst: boolean;
  batchNorm: (typeof batchNormModes)[number];
}

/** What a method's loss is made from. */
export interface Pass {
  /** Features of source and target, (B, F) and (B', F), float32 */
  fS: Tensor;
  fT: Tensor;
  /** Logits, (B, K) and (B', K), float32 */
  zS: Tensor;
  zT: Tensor;
  /** (B) int64 */
  labels: Tensor;
  /** Each source image's share in means over the source (B), sum 1: by the expected target prior, where it is known */
  shares: Tensor;
  /** Part of the phase that is done, from 0 to 1. */
  progress: number;
}

/** A method's own loss, and what it owns. */
export interface Alignment {
  /** Modules and optimisers of its own: saved and freed with the run. */
  readonly parts: Readonly<Record<string, Stateful & { dispose(): void }>>;
  /** Parameters of its own that follow the joint gradient. */
  readonly learned: ReadonlyMap<string, Tensor>;
  /** @returns what is added to L_cls, and numbers for the log */
  loss(pass: Pass): { loss: Tensor; numbers: StepNumbers };
}

export class Joint implements Trainer {
  readonly phases: readonly Phase[];
  private readonly settings: JointSettings;
  private readonly context: MethodContext;
  private readonly network: Network;
  private readonly stage: SupervisedStage | null;
  private readonly alignment: Alignment;
  private readonly optimizer: Optimizer;
  private readonly ratio: readonly number[] | null;

  constructor(settings: JointSettings, context: MethodContext, alignment: Alignment) {
    const { batch, epochs, sourceFirst } = settings;
    const both = { name: "adapt", epochs, batch: { source: batch, target: batch }, selectable: true };
    const first = sourceFirst && !context.pretrained;
    this.phases = first ? [sourcePhase(context.source, false), both] : [both];
    this.stage = first ? new SupervisedStage(context) : null;
    this.settings = settings;
    this.context = context;
    this.network = context.network;
    this.alignment = alignment;
    const all = [{ parameters: this.network.namedParameters() }, { parameters: alignment.learned }];
    this.optimizer = optimizerOf(all, settings);
    this.ratio = priorRatio(context);
  }

  begin(): void {}

  step(phase: number, { source, target }: Batches, place: StepPlace): StepNumbers {
    if (this.phases[phase]!.name === "source") return this.stage!.step(source!, place);
    const { network, settings, optimizer } = this;
    const { compute, source: supervised } = this.context;
    // 1. Both domains through the network, batch norm and dropout in training mode.
    network.train();
    const [xS, xT] = [source!.view("weak"), target!.view("weak")]; // (B, C, H, W)
    const { fS, fT } = compute(() => featuresOfBoth(network, xS, xT, settings.batchNorm)); // (B, F)
    const zS = network.classifier.forward(fS); // (B, K)
    const zT = network.classifier.forward(fT); // (B, K)
    // 2. The source's labels, and the method's own loss.
    const loss = lossCls(zS, source!.labels, supervised.labelSmoothing);
    const shares = sourceShares(this.ratio, source!.labels);
    const progress = place.step / place.totalSteps;
    const own = this.alignment.loss({ fS, fT, zS, zT, labels: source!.labels, shares, progress });
    // 3. One step down the gradient of their sum.
    optimizer.zeroGrad();
    loss.add(own.loss).backward();
    const norm = clip(network.parameters(), supervised.clip);
    optimizer.factor = factorAt(settings, place);
    optimizer.step();
    optimizer.zeroGrad();
    const accuracy = zS.argmax(1).eq(source!.labels).to("float32").mean();
    return { loss: loss.detach(), ...own.numbers, accuracy, ...norm, lr: settings.lr * optimizer.factor };
  }

  model(): Network {
    return this.network;
  }

  private get parts(): Readonly<Record<string, Stateful>> {
    const { network, optimizer, stage, alignment } = this;
    const first: Record<string, Stateful> = stage === null ? {} : { sourceOptimizer: stage.optimizer };
    return { network, optimizer, ...first, ...alignment.parts };
  }
  state(): Map<string, Tensor> {
    return joinStates(this.parts);
  }
  load(state: ReadonlyMap<string, Tensor>): void {
    loadStates(this.parts, state);
  }
  dispose(): void {
    this.stage?.dispose();
    this.optimizer.dispose();
    for (const part of Object.values(this.alignment.parts)) part.dispose();
  }
}
