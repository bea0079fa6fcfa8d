/** 95 % intervals: Wilson for proportions, DeLong for the AUROC and for the difference of two. */
import { refuse } from "../foundation/errors.ts";
import { Z95 } from "./distributions.ts";
import { binOfRows, type RankedScores, rankScores, type Scores } from "./ranked.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

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
  readonly auroc: number;
  readonly variance: number;
}

/**
 * The AUROC with DeLong's variance (DeLong et al. 1988, Biometrics 44, 837) from the ranking alone (Sun & Xu 2014,
 * IEEE Signal Processing Letters 21, 1389): no loop over pairs.
 *
 * The interval is symmetric on the logit scale, so it stays within (0, 1). Where the classes are perfectly
 * separated DeLong's variance is zero and would claim certainty; the interval is then Wilson's for as many pairs as
 * the rarer class has rows, which is too wide rather than too narrow.
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
  return { auroc, variance, ...logitInterval(auroc, variance, Math.min(positives, negatives)) };
}

function logitInterval(auroc: number, variance: number, rarer: number): Interval {
  if (auroc === 0 || auroc === 1) return wilson(auroc * rarer, rarer);
  const logit = Math.log(auroc / (1 - auroc));
  const half = (Z95 * Math.sqrt(variance)) / (auroc * (1 - auroc));
  return { low: 1 / (1 + Math.exp(half - logit)), high: 1 / (1 + Math.exp(-half - logit)) };
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
  readonly standardError: number;
  readonly first: number;
  readonly second: number;
}

/**
 * The difference of two AUROCs on the same rows with DeLong's 95 % interval (normal, not transformed), which accounts
 * for the rows that they share.
 *
 * @param first scores of the first finder (N)
 * @param second scores of the second finder on the same rows in the same order (N)
 * @param positives 1 for a positive row, 0 for a negative one (N)
 * @throws ArcletError as `rankScores`, or when a class has fewer than two rows
 */
export function delongPaired(first: Scores, second: Scores, positives: Uint8Array): PairedDeLong {
  const a = placementOfRows(first, positives);
  const b = placementOfRows(second, positives);
  const difference = a.auroc - b.auroc;
  const sums = [0, 0];
  const counts = [0, 0];
  for (let i = 0; i < positives.length; i++) {
    const deviation = a.placement[i]! - b.placement[i]! - difference;
    sums[positives[i]!]! += deviation * deviation;
    counts[positives[i]!]!++;
  }
  const [negatives, count] = counts as [number, number];
  if (Math.min(negatives, count) < 2) {
    refuse("evaluate", "rows of each class", "2 or more for an interval", Math.min(negatives, count));
  }
  const variance = sums[0]! / ((negatives - 1) * negatives) + sums[1]! / ((count - 1) * count);
  const standardError = Math.sqrt(variance);
  const half = Z95 * standardError;
  return {
    difference,
    standardError,
    low: difference - half,
    high: difference + half,
    first: a.auroc,
    second: b.auroc,
  };
}

/** The AUROC, and for every row the share of the other class that it is ordered correctly against (N): DeLong's components. */
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
