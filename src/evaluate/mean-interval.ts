/** A mean with its percentile bootstrap interval (Efron 1979). */

import { refuse } from "../foundation/errors.ts";
import { Draws } from "../foundation/random.ts";
import { mean, quantile } from "../foundation/statistics.ts";
import type { Interval } from "./intervals.ts";

export interface MeanInterval extends Interval {
  readonly value: number;
  /** How many values. */
  readonly count: number;
}

const RESAMPLES = 2000;

/**
 * 95 % interval by resampling the values, which must be independent. A single value is its own interval.
 *
 * @throws ArcletError when there is no value
 */
export function meanInterval(values: readonly number[], seed: number): MeanInterval {
  if (values.length === 0) refuse("evaluate", "values", "one or more", 0);
  const draws = new Draws(seed);
  const count = values.length;
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[Math.floor(draws.uniform() * count)]!;
    return sum / count;
  }).sort();
  return { value: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975), count };
}
