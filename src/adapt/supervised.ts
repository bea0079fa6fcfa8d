/** Training M and C on labelled images: source-only, and the first stage of other methods. */

import { between, decade, evenly, type Tuning } from "../foundation/tuning.ts";
import { clipGradients } from "../nn/gradient.ts";
import type { Network } from "../nn/network.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import { cosine } from "../nn/schedule.ts";
import type { Tensor } from "../torch/tensor.ts";
import { lossLabels } from "./kinds.ts";
import type {
  LabelledBatch,
  MethodContext,
  Phase,
  SourceSettings,
  StepNumbers,
  StepPosition,
} from "./method.ts";
import type { NumberDeclarations } from "./numbers.ts";

/** The numbers of every gradient step. */
export const gradientNumbers = {
  gradNorm: { kind: "norm", meaning: "the gradient's 2-norm, before it is clipped", when: "with --clip" },
  lr: { kind: "learning rate", meaning: "the learning rate of the step" },
} as const satisfies NumberDeclarations;

/** The numbers of a supervised step. */
export const supervisedNumbers = {
  loss: { kind: "loss", meaning: "cross-entropy of the source's labels" },
  accuracy: { kind: "share", meaning: "share of the batch's source images that are classified correctly" },
  ...gradientNumbers,
} as const satisfies NumberDeclarations;

export type SupervisedNumber = keyof typeof supervisedNumbers;

/** How training on the source is tuned, if the method has nothing of its own to tune. */
export const sourceTuning: { readonly [K in keyof SourceSettings]-?: Tuning } = {
  epochs: "budget",
  batch: "fixed",
  lr: decade,
  weightDecay: between(1e-6, 1e-2),
  warmup: "fixed",
  clip: between(0.1, 10),
  labelSmoothing: evenly(0, 0.2),
};

/** The phase of training on the source. */
export const sourcePhase = (settings: SourceSettings, selectable: boolean): Phase => ({
  name: "source",
  epochs: settings.epochs,
  batch: { source: settings.batch, target: 0 },
  selectable,
});

/** AdamW with linear warm-up and cosine decay on the cross-entropy of the source. */
export class SupervisedStage {
  /** The optimiser of the stage. */
  readonly optimizer: AdamW;
  private readonly context: MethodContext;
  private readonly parameters: Tensor[];

  constructor(context: MethodContext) {
    const { lr, weightDecay } = context.source;
    this.context = context;
    this.parameters = context.network.parameters();
    this.optimizer = new AdamW(context.network.namedParameters(), { lr, weightDecay });
  }

  /** One step on a labelled batch: the loss, its gradient, the optimiser's update. */
  step(source: LabelledBatch, position: StepPosition): StepNumbers<SupervisedNumber> {
    const { network, source: settings, compute } = this.context;
    // 1. The loss on a weakly augmented view, batch norm and dropout in training mode.
    network.train();
    const x = source.view("weak"); // (B, C, H, W)
    const outputs = compute(() => network.outputs(network.features(x))); // (B, O)
    const loss = lossLabels(network, outputs, source, settings.labelSmoothing);
    // 2. One step down the gradient.
    this.optimizer.zeroGrad();
    loss.backward();
    const norm = clip(this.parameters, settings.clip);
    this.optimizer.factor = warmCosine(settings.warmup, position);
    this.optimizer.step();
    this.optimizer.zeroGrad();
    const accuracy = network.classLogits(outputs).argmax(1).eq(source.labels).to("float32").mean();
    return { loss: loss.detach(), accuracy, ...norm, lr: settings.lr * this.optimizer.factor };
  }

  /** Frees the optimiser's moments. */
  dispose(): void {
    this.optimizer.dispose();
  }
}

/** Linear warm-up over `warmup` epochs, then half a cosine to 0 at the phase's end. */
export const warmCosine = (
  warmup: number,
  { step, stepsPerEpoch, totalSteps, rate = 1 }: StepPosition,
): number =>
  rate *
  cosine({ total: totalSteps, warmup: Math.min(Math.round(warmup * stepsPerEpoch), totalSteps) })(step);

/** Clips the gradients if there is a limit. @returns their norm before, for the log */
export const clip = (parameters: readonly Tensor[], limit: number | null): StepNumbers<"gradNorm"> =>
  limit === null ? {} : { gradNorm: clipGradients(parameters, limit) };

/** The parameters of M: all of a network except its classifier C. */
export function encoderParameters(network: Network): Map<string, Tensor> {
  const classifier = new Set(network.classifier.parameters());
  return new Map([...network.namedParameters()].filter(([, value]) => !classifier.has(value)));
}
