/** 95 % intervals: of proportions, of the AUROC, and of the difference of two. */
import { refuse } from "../foundation/errors.ts";
import { aurocInterval, differenceMargins, type IntervalOptions, sideOf } from "./auroc-interval.ts";
import { Z95 } from "./distributions.ts";
import type { Interval } from "./interval.ts";
import { binOfRows, type RankedScores, rankScores, type Scores } from "./ranked.ts";

export type { Interval };

/**
 * Wilson's 95 % score interval of a proportion (Wilson 1927). It stays within [0, 1] and has a width at 0 and 1.
 *
 * @param successes from 0 to `trials`; may be a fraction (ties share ranks)
 */
export function wilson(successes: number, trials: number): Interval {
  if (!(trials > 0)) refuse("evaluate", "trials", "above 0", trials);
  if (!(successes >= 0 && successes <= trials)) {
    refuse("evaluate", "successes", `between 0 and the ${trials} trials`, successes);
  }
  const p = successes / trials;
  const z2 = Z95 * Z95;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  // At the ends the bound is exactly 0 or 1; rounding must not move it.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

export interface DeLong extends Interval {
  /** The area. */
  readonly auroc: number;
  /** Its variance. */
  readonly variance: number;
}

/**
 * The AUROC with DeLong's variance (DeLong et al. 1988, Biometrics 44, 837) from the ranking alone (Sun & Xu 2014,
 * IEEE Signal Processing Letters 21, 1389): no loop over pairs.
 *
 * The interval is `aurocInterval`'s: with few positives or close to 1, DeLong's variance alone would claim too much.
 *
 * @throws ArcletError when a class has fewer than two rows
 */
export function delong(ranked: RankedScores): DeLong {
  const { positives, negatives } = ranked;
  if (Math.min(positives, negatives) < 2) {
    refuse("evaluate", "rows of each class", "2 or more for an interval", Math.min(positives, negatives));
  }
  const { ofPositive, ofNegative } = placements(ranked);
  const auroc = dot(ofPositive, ranked.positive) / positives;
  const variance =
    spread(ofPositive, ranked.positive, auroc) / ((positives - 1) * positives) +
    spread(ofNegative, ranked.negative, auroc) / ((negatives - 1) * negatives);
  const sides = [sideOf(ofPositive, ranked.positive), sideOf(ofNegative, ranked.negative)] as const;
  return { auroc, variance, ...aurocInterval(auroc, ...sides) };
}

/** By score: the share of negatives a positive of that score beats, and of positives a negative loses to. */
function placements(ranked: RankedScores): { ofPositive: Float64Array; ofNegative: Float64Array } {
  const { positive, negative, positives, negatives } = ranked;
  const ofPositive = new Float64Array(positive.length);
  const ofNegative = new Float64Array(positive.length);
  let positivesAbove = 0;
  let negativesAbove = 0;
  for (let b = 0; b < positive.length; b++) {
    ofPositive[b] = (negatives - negativesAbove - negative[b]! / 2) / negatives;
    ofNegative[b] = (positivesAbove + positive[b]! / 2) / positives;
    positivesAbove += positive[b]!;
    negativesAbove += negative[b]!;
  }
  return { ofPositive, ofNegative };
}

function dot(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let b = 0; b < values.length; b++) sum += values[b]! * weights[b]!;
  return sum;
}

function spread(values: Float64Array, weights: Float64Array, mean: number): number {
  let sum = 0;
  for (let b = 0; b < values.length; b++) sum += weights[b]! * (values[b]! - mean) ** 2;
  return sum;
}

export interface PairedDeLong extends Interval {
  /** AUROC of the first less AUROC of the second. */
  readonly difference: number;
  /** Standard error of their difference. */
  readonly standardError: number;
  /** The first area. */
  readonly first: number;
  /** The second area. */
  readonly second: number;
}

/**
 * The difference of two AUROCs on the same rows with DeLong's standard error, which knows that the two share their rows. Its
 * 95 % interval is made of the intervals of both (`differenceMargins`), which cover where DeLong's error alone does not, and
 * never narrower than by it.
 *
 * @param first scores of the first finder (N)
 * @param second scores of the second finder on the same rows in the same order (N)
 * @param positives 1 for a positive row, 0 for a negative one (N)
 * @throws ArcletError as `rankScores`, or when a class has fewer than two rows
 */
export function delongPaired(first: Scores, second: Scores, positives: Uint8Array): PairedDeLong {
  const a = placementOfRows(first, positives);
  const b = placementOfRows(second, positives);
  const { difference, variance, below, above } = pairedMargins(a, b, positives);
  return {
    difference,
    standardError: Math.sqrt(variance),
    low: difference - below,
    high: difference + above,
    first: a.auroc,
    second: b.auroc,
  };
}

export interface Placed {
  readonly auroc: number;
  /** One a row (N). */
  readonly placement: Float64Array;
}

/**
 * The difference of two areas by their placements, DeLong's variance of it, and how far its bounds are below and above.
 *
 * @throws ArcletError when a class has fewer than two rows
 */
export function pairedMargins(a: Placed, b: Placed, positives: Uint8Array) {
  const own = [deLongCovariance(a, a, positives), deLongCovariance(b, b, positives)] as const;
  const shared = deLongCovariance(a, b, positives);
  const difference = a.auroc - b.auroc;
  const apart = {
    auroc: difference,
    placement: a.placement.map((value, i) => value - b.placement[i]!),
  };
  const variance = deLongCovariance(apart, apart, positives);
  // Every row lies alike for both, errors among them: one finder is the other.
  if (variance === 0 && own[0] > 0) return { difference, variance, below: 0, above: 0 };
  const correlation = own[0] * own[1] === 0 ? 0 : shared / Math.sqrt(own[0] * own[1]);
  const margins = differenceMargins(
    { auroc: a.auroc, ...placedInterval(a, positives) },
    { auroc: b.auroc, ...placedInterval(b, positives) },
    Math.max(-1, Math.min(1, correlation)),
  );
  const least = Z95 * Math.sqrt(variance);
  return {
    difference,
    variance,
    below: Math.max(least, margins.below),
    above: Math.max(least, margins.above),
  };
}

/** `aurocInterval` of an area by its placements. */
export function placedInterval(
  { auroc, placement }: Placed,
  positives: Uint8Array,
  options: IntervalOptions = {},
): Interval {
  const side = (truth: number) => sideOf(placement.filter((_, i) => positives[i] === truth));
  return aurocInterval(auroc, side(1), side(0), options);
}

/**
 * DeLong's covariance of two values that are means of placements, by the images that they share.
 *
 * @throws ArcletError when a class has fewer than two rows
 */
export function deLongCovariance(a: Placed, b: Placed, positives: Uint8Array): number {
  const sums: [number, number] = [0, 0];
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < positives.length; i++) {
    const side = positives[i]! as 0 | 1;
    sums[side] += (a.placement[i]! - a.auroc) * (b.placement[i]! - b.auroc);
    counts[side]++;
  }
  const [negatives, count] = counts;
  if (Math.min(negatives, count) < 2)
    refuse("evaluate", "rows of each class", "2 or more for an interval", Math.min(negatives, count));
  return sums[0] / ((negatives - 1) * negatives) + sums[1] / ((count - 1) * count);
}

/** The AUROC, and of every row the share of the other class that it is on the right side of (N): DeLong's components. */
export function placementOfRows(
  scores: Scores,
  positives: Uint8Array,
): { auroc: number; placement: Float64Array } {
  const ranked = rankScores(scores, positives);
  const bins = binOfRows(ranked, scores);
  const { ofPositive, ofNegative } = placements(ranked);
  const placement = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    placement[i] = positives[i] === 1 ? ofPositive[bins[i]!]! : ofNegative[bins[i]!]!;
  }
  return { auroc: dot(ofPositive, ranked.positive) / ranked.positives, placement };
}
