/** A method that trains on the made-up problem. */
import type { AnyTrainer, Batches, Method, MethodContext } from "../../adapt/method.ts";
import { SupervisedStage } from "../../adapt/supervised.ts";
import { resolveConfig } from "../../foundation/config.ts";
import type { Network } from "../../nn/network.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tidy } from "../../torch/scope.ts";
import { Tensor } from "../../torch/tensor.ts";
import { expected } from "../promise.ts";
import { type MadeBatch, madeBatches, madeContext, madeNetwork, madePosition } from "./made-up.ts";

/** Graded images per step of methods that need them. */
export const GRADED = 8;

/** Starts that a method must train from: fresh or pretrained, two classes or three, with and without a target prior. */
export const STARTS: readonly TrialOptions[] = [
  {},
  { pretrained: true },
  { classes: 3, sourcePrior: [0.6, 0.2, 0.2], targetPrior: [0.9, 0.05, 0.05], pretrained: true },
];

export interface TrialOptions extends Partial<Omit<MethodContext, "network" | "classes">> {
  classes?: number;
  /** Seed of the network's initial weights. */
  weights?: number;
  /** Seed of dropout and of the method's own draws. */
  drawn?: number;
  /** Settings of the method that are not at their defaults. */
  settings?: Record<string, unknown>;
}

export class Trial {
  readonly classes: number;
  readonly network: Network;
  readonly context: MethodContext;
  readonly trainer: AnyTrainer;
  readonly method: Method;

  constructor(method: Method, { classes = 2, weights = 5, settings = {}, ...more }: TrialOptions = {}) {
    this.method = method;
    this.classes = classes;
    this.network = madeNetwork(classes, weights);
    const gradedBatch = method.graded === "needed" ? GRADED : 0;
    this.context = madeContext(this.network, classes, { gradedBatch, ...more });
    if (this.context.pretrained) learnSource(this.context);
    const { values } = resolveConfig(`method ${method.name}`, method.schema, { flags: settings });
    this.trainer = method.build(values, this.context);
  }

  /** One step of a phase, on images drawn by phase and step. @returns its numbers */
  step(
    phase: number,
    step: number,
    { rate = 1, ...more }: Partial<MadeBatch> & { rate?: number } = {},
  ): Record<string, number> {
    return tidy(() => this.stepOn(phase, step, this.batches(phase, step, more), rate));
  }

  batches(phase: number, step: number, more: Partial<MadeBatch> = {}): Batches<"optional"> {
    const { batch } = this.trainer.phases[phase]!;
    return madeBatches({ ...batch, classes: this.classes, seed: 100 * phase + step, ...more });
  }

  stepOn(phase: number, step: number, batches: Batches<"optional">, rate = 1): Record<string, number> {
    const numbers = Object.entries(this.trainer.step(phase, batches, madePosition(step, rate)));
    return Object.fromEntries(
      numbers.flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value instanceof Tensor ? value.item() : value]],
      ),
    );
  }

  /** Begins each phase and takes `steps` steps of it. */
  run(steps: number, more: Partial<MadeBatch> = {}): void {
    for (const phase of this.trainer.phases.keys()) {
      this.trainer.begin(phase);
      for (let i = 0; i < steps; i++) this.step(phase, i, more);
    }
  }

  /** Index of the last phase. */
  get last(): number {
    return this.trainer.phases.length - 1;
  }

  dispose(): void {
    this.trainer.dispose();
    this.network.dispose();
  }
}

/** Runs a body on trials and frees them. */
export function withTrials<T>(
  method: Method,
  options: readonly TrialOptions[],
  body: (...trials: Trial[]) => T,
): T {
  const trials: Trial[] = [];
  try {
    for (const start of options) trials.push(new Trial(method, start));
    return body(...trials);
  } finally {
    for (const trial of trials) trial.dispose();
  }
}

/** Trains the network on the source, as the run given by `--from` is. */
function learnSource(context: MethodContext): void {
  const stage = new SupervisedStage(context);
  for (let i = 0; i < 40; i++)
    tidy(() => {
      const { source } = madeBatches({ source: 32, target: 0, classes: context.classes, seed: 5000 + i });
      stage.step(source!, { step: 0, stepsPerEpoch: 40, totalSteps: 40 });
    });
  stage.dispose();
}

/** Copies of a state's tensors, for the caller to dispose. */
export const copiesOf = (trainer: AnyTrainer): Map<string, Tensor> =>
  new Map(tidy(() => [...trainer.state()].map(([name, value]) => [name, value.detach().clone()] as const)));

/** The share of source-like images that a network classifies correctly, in evaluation mode. */
export function accuracyOf(network: Network, classes: number, shift = 0): number {
  return tidy(() =>
    noGrad(() => {
      const { source } = madeBatches({ source: 60, target: 0, classes, seed: 9000, shift });
      const logits = network.train(false).forward(source!.view("plain"));
      network.train();
      return logits.argmax(1).eq(source!.labels).to("float32").mean().item();
    }),
  );
}

/** Takes steps of every phase and calls `check` with each of their numbers. */
export function checkNumbers(
  trial: Trial,
  check: (name: string, value: number) => void,
  more: Partial<MadeBatch> = {},
): void {
  for (const phase of trial.trainer.phases.keys()) {
    trial.trainer.begin(phase);
    for (let i = 0; i < 3; i++)
      for (const [name, value] of Object.entries(trial.step(phase, i, more))) check(name, value);
  }
}

export function checkFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) expected(`number ${name}`, "finite", value);
}
