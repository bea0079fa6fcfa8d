/** Percentile intervals by resampling whole groups (sky positions), since rows of one group are not independent. */

import { refuse } from "../foundation/errors.ts";
import { pacedSafePoint } from "../foundation/interrupt.ts";
import { Draws } from "../foundation/random.ts";
import { quantile } from "../foundation/statistics.ts";
import type { Interval } from "./intervals.ts";
import { type RankedScores, rankScores, type Scores } from "./ranked.ts";
import { inBlocksIfMany, numberGroups, resamplerOf } from "./resample.ts";

export interface BootstrapOptions {
  /** Number of resamples; 1,000 give a 95 % interval to a few per cent of its width. */
  readonly resamples: number;
  /** One seed gives one result. */
  readonly seed: number;
}

/**
 * 95 % percentile intervals (Efron 1979) of statistics of a ranking. Groups are drawn with replacement, as many as there
 * are; a row counts as often as its group was drawn. A draw without rows of both classes is repeated.
 *
 * A resample costs O(N): nothing is sorted again. Of many rows the statistics must depend on areas, recalls and false
 * positives alone: see `resamplerOf`. Signals are heard between two resamples.
 *
 * @param groups the group of every row (N); if absent, every row is a group of its own
 * @param statistics functions of the resampled ranking, by name
 * @param base the ranking of the scores, where it is at hand
 * @throws ArcletError as `rankScores`, when lengths differ, or when hardly any draw holds both classes; Interrupted when the
 *   user stops it
 */
export async function bootstrapByGroup<Name extends string>(
  scores: Scores,
  positives: Uint8Array,
  groups: ArrayLike<string | number> | undefined,
  statistics: Readonly<Record<Name, (ranked: RankedScores) => number>>,
  options: BootstrapOptions,
  base: RankedScores = rankScores(scores, positives),
): Promise<Record<Name, Interval>> {
  const numbered = inBlocksIfMany(numberGroups(groups, scores.length), options.seed);
  const ranked = resamplerOf(base, scores, positives, numbered);
  const names = Object.keys(statistics) as Name[];
  const values = names.map(() => new Float64Array(options.resamples));
  await resample(numbered.count, options, (drawn, r) => {
    const made = ranked(drawn);
    if (made.positives === 0 || made.negatives === 0) return false;
    for (const [k, name] of names.entries()) values[k]![r] = statistics[name](made);
    return true;
  });
  return Object.fromEntries(
    names.map((name, k): [Name, Interval] => [name, percentiles(values[k]!)]),
  ) as Record<Name, Interval>;
}

/**
 * Draws as many groups as there are, with replacement, `resamples` times.
 *
 * @param use is given how often each group was drawn, and which resample it is; false when the draw is of no use
 * @throws ArcletError when hardly any draw is of use; Interrupted when the user stops it
 */
export async function resample(
  groups: number,
  { resamples, seed }: BootstrapOptions,
  use: (drawn: Uint32Array, resample: number) => boolean,
): Promise<void> {
  if (!Number.isInteger(resamples) || resamples < 40) {
    refuse("evaluate", "resamples", "a whole number, 40 or more for a 95 % interval", resamples);
  }
  const draws = new Draws(seed);
  const drawn = new Uint32Array(groups);
  let redrawn = 0;
  const pause = pacedSafePoint("nothing was written");
  for (let r = 0; r < resamples; ) {
    await pause();
    drawn.fill(0);
    for (let g = 0; g < groups; g++) drawn[Math.floor(draws.uniform() * groups)]!++;
    if (use(drawn, r)) r++;
    else if (++redrawn > 20 * resamples)
      refuse("evaluate", "groups", "enough to draw both classes", "too few");
  }
}

/** The middle 95 % of values, which are sorted in place. */
export function percentiles(values: Float64Array): Interval {
  const sorted = values.sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
