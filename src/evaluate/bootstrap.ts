/** Percentile intervals by resampling whole groups (places on the sky), since rows of one group are not independent. */
import { refuse } from "../foundation/errors.ts";
import { Draws } from "../foundation/random.ts";
import type { Interval } from "./intervals.ts";
import { binOfRows, type RankedScores, rankScores, type Scores } from "./ranked.ts";

export interface BootstrapOptions {
  /** Number of resamples; 1,000 give a 95 % interval to a few per cent of its width. */
  readonly resamples: number;
  /** One seed gives one result. */
  readonly seed: number;
}

/**
 * 95 % percentile intervals (Efron 1979) of statistics of a ranking. As many groups as there are are drawn with
 * replacement; a row counts as often as its group was drawn. A draw without rows of both classes is drawn again.
 *
 * A resample costs O(N): nothing is sorted again.
 *
 * @param groups the group of every row (N); absent, every row is a group of its own
 * @param statistics functions of the resampled ranking, by name
 * @throws ArcletError as `rankScores`, when lengths differ, or when hardly any draw holds both classes
 */
export function bootstrapByGroup<Name extends string>(
  scores: Scores,
  positives: Uint8Array,
  groups: ArrayLike<string | number> | undefined,
  statistics: Readonly<Record<Name, (ranked: RankedScores) => number>>,
  options: BootstrapOptions,
): Record<Name, Interval> {
  const { resamples, seed } = options;
  if (!Number.isInteger(resamples) || resamples < 40) {
    refuse("evaluate", "resamples", "a whole number, 40 or more for a 95 % interval", resamples);
  }
  const draw = resampler(scores, positives, groups, new Draws(seed));
  const names = Object.keys(statistics) as Name[];
  const values = names.map(() => new Float64Array(resamples));
  let redrawn = 0;
  for (let r = 0; r < resamples; ) {
    const ranked = draw();
    if (ranked.positives === 0 || ranked.negatives === 0) {
      if (++redrawn > 20 * resamples) refuse("evaluate", "groups", "enough to draw both classes", "too few");
      continue;
    }
    for (const [k, name] of names.entries()) values[k]![r] = statistics[name](ranked);
    r++;
  }
  const intervals = names.map((name, k): [Name, Interval] => {
    const sorted = values[k]!.sort();
    return [name, { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }];
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/** Draws rankings of resampled groups. The arrays of a ranking are overwritten by the next draw. */
function resampler(
  scores: Scores,
  positives: Uint8Array,
  groups: ArrayLike<string | number> | undefined,
  draws: Draws,
): () => RankedScores {
  const base = rankScores(scores, positives);
  const bins = binOfRows(base, scores);
  const { index, count } = numberGroups(groups, scores.length);
  const drawn = new Uint32Array(count);
  const positive = new Float64Array(base.threshold.length);
  const negative = new Float64Array(base.threshold.length);
  return () => {
    drawn.fill(0);
    positive.fill(0);
    negative.fill(0);
    for (let g = 0; g < count; g++) drawn[Math.floor(draws.uniform() * count)]!++;
    let p = 0;
    let n = 0;
    for (let i = 0; i < index.length; i++) {
      const times = drawn[index[i]!]!;
      if (positives[i] === 1) {
        positive[bins[i]!]! += times;
        p += times;
      } else {
        negative[bins[i]!]! += times;
        n += times;
      }
    }
    return { threshold: base.threshold, positive, negative, positives: p, negatives: n };
  };
}

/** Groups by number in the order of their first row. @throws ArcletError when there are not as many as rows */
export function numberGroups(
  groups: ArrayLike<string | number> | undefined,
  rows: number,
): { index: Uint32Array; count: number } {
  const index = new Uint32Array(rows);
  if (groups === undefined) return { index: index.map((_, i) => i), count: rows };
  if (groups.length !== rows) refuse("evaluate", "groups", `as many as the ${rows} rows`, groups.length);
  const numbers = new Map<string | number, number>();
  for (let i = 0; i < rows; i++) {
    const known = numbers.get(groups[i]!);
    index[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(groups[i]!, numbers.size);
  }
  return { index, count: numbers.size };
}

/** Quantile of an ascending array, linear between neighbours. */
export function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
