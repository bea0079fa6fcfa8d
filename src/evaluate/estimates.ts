/** Values with their 95 % interval. */
import { delong, wilson } from "./intervals.ts";
import type { RankedScores } from "./ranked.ts";
import { auroc } from "./ranking.ts";
import type { Estimate } from "./schema.ts";

const UNBOUNDED = { low: null, high: null };
export const UNKNOWN: Estimate = { value: null, ...UNBOUNDED };

/** The AUROC with DeLong's interval; without bounds if a class has a single row. */
export function aurocEstimate(ranked: RankedScores): Estimate {
  if (Math.min(ranked.positives, ranked.negatives) < 2) return { value: auroc(ranked), ...UNBOUNDED };
  const { auroc: value, low, high } = delong(ranked);
  return { value, low, high };
}

/** A share with Wilson's interval; unknown without trials. Successes shared among ties may be fractions. */
export function withWilson(successes: number, trials: number): Estimate {
  if (trials === 0) return UNKNOWN;
  return { value: successes / trials, ...wilson(successes, trials) };
}
