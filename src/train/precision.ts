/** The precision of the networks' arithmetic: the given one, or the faster one on this machine. */
import { autocast } from "../torch/autograd.ts";
import { bfloat16Cost, isHopeless } from "./bfloat16-cost.ts";

export type Precision = "float32" | "bfloat16";

/** The run's precision, which each forward pass reads. */
export class Compute {
  precision: Precision = "float32";
  readonly device: string;

  constructor(device: string) {
    this.device = device;
  }

  readonly run = <T>(forward: () => T): T =>
    autocast(this.precision === "float32" ? null : this.precision, forward, this.device);
}

export interface Timing {
  readonly precision: Precision;
  /** Milliseconds per step by precision, the fastest of a few; null where bfloat16 is hopeless here, and nothing was timed. */
  readonly steps: Readonly<Record<Precision, number>> | null;
  /** How many times as long as in float32 a small convolution takes in bfloat16. */
  readonly cost: number;
}

/** Repetitions; the fastest counts, since other work on the machine can only slow a step down. */
const REPEATS = 4;
/** bfloat16 has 8 bits of mantissa; it must save enough time to be worth that. */
const WORTHWHILE = 0.9;

/** What timing needs of the machine. */
export interface Machine {
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** As `bfloat16Cost`. */
  readonly cost: (device: string) => number;
}
const THIS: Machine = { now: () => performance.now(), cost: bfloat16Cost };

/**
 * Times a step in both precisions alternately and sets the faster one; bfloat16 must save a tenth. The first step of
 * each is not counted (it allocates and prepares kernels). Where bfloat16 is hopeless no step is taken.
 *
 * @param step takes one real step and reads its outcome, since a call on a GPU returns before its work is done; the
 *   caller undoes what it changed
 */
export async function fasterPrecision(
  compute: Compute,
  step: () => Promise<void> | void,
  { now, cost: costOn }: Machine = THIS,
): Promise<Timing> {
  const cost = costOn(compute.device);
  if (isHopeless(cost)) {
    compute.precision = "float32";
    return { precision: "float32", steps: null, cost };
  }
  const steps = { float32: Number.POSITIVE_INFINITY, bfloat16: Number.POSITIVE_INFINITY };
  for (let i = 0; i <= REPEATS; i++)
    for (const precision of ["float32", "bfloat16"] as const) {
      compute.precision = precision;
      const start = now();
      await step();
      if (i > 0) steps[precision] = Math.min(steps[precision], now() - start);
    }
  compute.precision = steps.bfloat16 < WORTHWHILE * steps.float32 ? "bfloat16" : "float32";
  return { precision: compute.precision, steps, cost };
}

/** Why it is that precision. @param what a step is, e.g. `a step` */
export const timingText = ({ steps, cost }: Timing, what: string): string =>
  steps === null
    ? `a small convolution takes ${cost.toFixed(0)} times as long in bfloat16 here`
    : `float32 ${steps.float32.toFixed(1)} ms ${what}, bfloat16 ${steps.bfloat16.toFixed(1)} ms ${what}`;
