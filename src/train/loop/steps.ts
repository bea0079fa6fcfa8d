/** The steps of an epoch: their numbers are checked to be finite, summed, and added to the curves. */
import type { StepPosition } from "../../adapt/method.ts";
import { declaredNumbers } from "../../adapt/numbers.ts";
import { methods } from "../../adapt/registry.ts";
import { agreeToStop, interrupted, safePoint } from "../../foundation/interrupt.ts";
import type { Progress } from "../../foundation/progress.ts";
import { sparkline } from "../../foundation/sparkline.ts";
import { tidy } from "../../torch/scope.ts";
import { Tensor } from "../../torch/tensor.ts";
import type { Position } from "../checkpoint.ts";
import { type Curves, stepsPerPoint } from "../curves.ts";
import type { Session } from "../session.ts";
import { type PhaseLength, savedText, stepsOfRun, type Training } from "./training.ts";

export interface EpochSteps {
  /** The steps' numbers, averaged over the epoch. */
  train: Record<string, number>;
  /** Their sums. */
  sums: Record<string, number>;
  /** The number that is not finite, in words; null if all are. */
  notFinite: string | null;
}

/** A step's numbers by name, in the method's order. */
type Numbers = readonly (readonly [name: string, value: number])[];

/** Takes the rest of an epoch's steps, up to a number that is not finite. */
export async function takeSteps(
  training: Training,
  length: PhaseLength,
  start: Position,
  bar: Progress,
): Promise<EpochSteps> {
  const { session, curves } = training;
  const { stepsPerEpoch } = length;
  const { phase, epoch, rate } = start;
  const sums = { ...start.sums };
  let window = { ...start.window };
  const stride = stepsPerPoint(stepsPerEpoch);
  for (let step = start.step; step < stepsPerEpoch; step++) {
    await safeStop(training, { ...start, step, sums, window });
    const inPhase = epoch * stepsPerEpoch + step;
    const numbers = takeStep(session, phase, { step: inPhase, ...length, rate });
    for (const [name, value] of numbers) {
      if (!Number.isFinite(value))
        return { train: sums, sums, notFinite: `${name} is ${value}, step ${inPhase + 1}` };
      sums[name] = (sums[name] ?? 0) + value;
      window[name] = (window[name] ?? 0) + value;
    }
    const since = (step % stride) + 1;
    if (since === stride || step + 1 === stepsPerEpoch) {
      addPoint(training, { ...start, step: step + 1 }, stepsPerEpoch, means(window, since));
      window = {};
    }
    bar.tick(1, noteOf(numbers[0], curves));
  }
  return { train: means(sums, stepsPerEpoch), sums, notFinite: null };
}

/** Lets the user stop the run between two steps; the unfinished epoch is saved. All ranks stop at the same step. */
async function safeStop({ session, checkpoints }: Training, position: Position): Promise<void> {
  if (session.ranks.any(interrupted())) agreeToStop();
  try {
    await safePoint(savedText(session));
  } catch (stop) {
    if (position.step > 0) checkpoints.write(session, position);
    throw stop;
  }
}

function takeStep({ config, trainer, feed }: Session, phase: number, position: StepPosition): Numbers {
  const method = methods.find(config.method);
  return tidy(() =>
    declaredNumbers(method, trainer.step(phase, feed.at(phase, position.step), position)).map(
      ([name, value]) => [name, value instanceof Tensor ? value.item() : value] as const,
    ),
  );
}

/** Adds a point to the run's curves: the means over the steps since the last one. */
function addPoint(
  { session, curves, resolved }: Training,
  position: Position,
  stepsPerEpoch: number,
  values: Record<string, number>,
): void {
  const phase = session.trainer.phases[position.phase]!.name;
  const epoch = position.records.length + position.step / stepsPerEpoch;
  const step = stepsOfRun(resolved, position);
  curves.add({ time: Date.now() / 1000, phase, epoch, step, values });
}

const means = (sums: Record<string, number>, count: number): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));

/** The first of a step's numbers, usually the loss, with its recent curve. */
function noteOf(first: readonly [string, number] | undefined, curves: Curves): string {
  if (first === undefined) return "";
  const [name, value] = first;
  return `${name} ${value.toPrecision(3)} ${sparkline(curves.latest(name, 16))}`.trimEnd();
}
