/**
 * Source only: cross-entropy on the labelled source, without the target. The lower bound of every table, with the same
 * encoder, schedule and seed.
 */
import { z } from "zod";
import { type MethodContext, method, type Trainer } from "./method.ts";
import { joinStates, loadStates } from "./state.ts";
import { SupervisedStage, sourcePhase, supervisedNumbers } from "./supervised.ts";

/** Training on the source alone: what adaptation is measured against. */
export const sourceOnly = method({
  name: "source-only",
  paper: "",
  summary: "supervised on the labelled source, without the target: the lower bound",
  schema: z.strictObject({}),
  tuning: {},
  numbers: supervisedNumbers,
  needsTarget: false,
  graded: "no",
  kinds: true,
  separateSource: false,
  build: (_, context) => new SourceOnly(context),
});

/**
 * Target only: the same, with the labelled target given as the source. The upper bound of a table in experiments, where
 * the target has labels; no survey has it.
 */
export const targetOnly = method({
  name: "target-only",
  paper: "",
  summary: "supervised on a labelled target, given as the source: the upper bound",
  schema: z.strictObject({}),
  tuning: {},
  numbers: supervisedNumbers,
  needsTarget: false,
  graded: "no",
  kinds: true,
  separateSource: false,
  build: (_, context) => new SourceOnly(context),
});

class SourceOnly implements Trainer {
  readonly phases;
  private readonly context: MethodContext;
  private readonly stage: SupervisedStage;

  constructor(context: MethodContext) {
    this.context = context;
    this.phases = [sourcePhase(context.source, true)];
    this.stage = new SupervisedStage(context);
  }

  begin(): void {}

  step(...[, { source }, position]: Parameters<Trainer["step"]>) {
    return this.stage.step(source!, position);
  }

  model() {
    return this.context.network;
  }

  private get parts() {
    return { network: this.context.network, optimizer: this.stage.optimizer };
  }
  state() {
    return joinStates(this.parts);
  }
  load(state: Parameters<Trainer["load"]>[0]): void {
    loadStates(this.parts, state);
  }
  dispose(): void {
    this.stage.dispose();
  }
}
