/** The base of methods with one adapting phase: an optional phase on the source before it, and their state. */
import type { Network } from "../nn/network.ts";
import type { Tensor } from "../torch/tensor.ts";
import type {
  Batches,
  GradedUse,
  MethodContext,
  Phase,
  StepNumbers,
  StepPosition,
  Trainer,
} from "./method.ts";
import { joinStates, loadStates, type Stateful } from "./state.ts";
import { type SupervisedNumber, SupervisedStage, sourcePhase } from "./supervised.ts";

/** A network, a module or an optimiser: saved and freed with the run. */
export type Part = Stateful & {
  /** Frees its tensors. */
  dispose(): void;
};

/** `R`: the numbers of an adapting step. `G`: whether it takes graded rows. */
export abstract class Staged<R extends StepNumbers, G extends GradedUse = "no">
  implements Trainer<string, G>
{
  /** Its phases, in their order. */
  readonly phases: readonly Phase[];
  /** What the method was built with. */
  protected readonly context: MethodContext;
  private readonly stage: SupervisedStage | null;

  /** @param sourceFirst whether to learn the source first, unless the network is pretrained */
  constructor(context: MethodContext, adapt: Pick<Phase, "epochs" | "batch">, sourceFirst: boolean) {
    const phase = { name: "adapt", selectable: true, ...adapt };
    const first = sourceFirst && !context.pretrained;
    this.phases = first ? [sourcePhase(context.source, false), phase] : [phase];
    this.context = context;
    this.stage = first ? new SupervisedStage(context) : null;
  }

  /** Called before the first adapting step. */
  protected start(): void {}
  /** One adapting step. */
  protected abstract adapt(batches: Batches<G>, position: StepPosition): R;
  /** The adapted network. */
  protected abstract readonly adapted: Network;
  /** All that further steps depend on, the context's network included. */
  protected abstract readonly parts: Readonly<Record<string, Part>>;

  begin(phase: number): void {
    if (this.adapts(phase)) this.start();
  }
  step(phase: number, batches: Batches<G>, position: StepPosition): R | StepNumbers<SupervisedNumber> {
    return this.adapts(phase) ? this.adapt(batches, position) : this.stage!.step(batches.source!, position);
  }
  model(phase: number): Network {
    return this.adapts(phase) ? this.adapted : this.context.network;
  }
  private adapts(phase: number): boolean {
    return this.phases[phase]!.name === "adapt";
  }

  private get saved(): Readonly<Record<string, Stateful>> {
    return this.stage === null ? this.parts : { ...this.parts, sourceOptimizer: this.stage.optimizer };
  }
  state(): Map<string, Tensor> {
    return joinStates(this.saved);
  }
  load(state: ReadonlyMap<string, Tensor>): void {
    loadStates(this.saved, state);
  }
  dispose(): void {
    this.stage?.dispose();
    for (const part of Object.values(this.parts)) if (part !== this.context.network) part.dispose();
  }
}
