/** The precision of the networks' arithmetic: the given one, or the faster one on this machine. */
import { autocast } from "../torch/autograd.ts";

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
  precision: Precision;
  /** Milliseconds per step: the fastest of a few. */
  float32: number;
  bfloat16: number;
}

/** Repetitions; the fastest counts, since other work on the machine can only slow a step down. */
const REPEATS = 4;
/** bfloat16 has 8 bits of mantissa; it must save enough time to be worth that. */
const WORTHWHILE = 0.9;

/**
 * Times a step in both precisions alternately and sets the faster one; bfloat16 must save a tenth. The first step of
 * each is not counted (it allocates and prepares kernels).
 *
 * @param step takes one real step and reads its outcome, since a call on a GPU returns before its work is done; the
 *   caller undoes what it changed
 * @param now the clock, in milliseconds
 */
export async function fasterPrecision(
  compute: Compute,
  step: () => Promise<void> | void,
  now = () => performance.now(),
): Promise<Timing> {
  const fastest = { float32: Number.POSITIVE_INFINITY, bfloat16: Number.POSITIVE_INFINITY };
  for (let i = 0; i <= REPEATS; i++)
    for (const precision of ["float32", "bfloat16"] as const) {
      compute.precision = precision;
      const start = now();
      await step();
      if (i > 0) fastest[precision] = Math.min(fastest[precision], now() - start);
    }
  compute.precision = fastest.bfloat16 < WORTHWHILE * fastest.float32 ? "bfloat16" : "float32";
  return { precision: compute.precision, ...fastest };
}
