/**
 * A threshold for the completeness you ask for, by split conformal prediction on the positives' scores.
 *
 * Source: Vovk, Gammerman, Shafer 2005; in the form of Angelopoulos & Bates 2021, arXiv:2107.07511, section 1.1 and,
 * for the completeness of one threshold over its calibration sets, section 3.2.
 */
import { refuse } from "../foundation/errors.ts";
import { betaQuantile } from "./distributions.ts";
import type { Interval } from "./intervals.ts";
import type { Scores } from "./ranked.ts";

/** A threshold with a promise of completeness. */
export interface ConformalThreshold {
  /** Rows with a score of at least this are selected. */
  readonly threshold: number;
  /** The requested completeness. */
  readonly completeness: number;
  /** Sky positions (groups) that it was chosen on. */
  readonly places: number;
  /** Positives on them. */
  readonly positives: number;
  /** The completeness of a threshold chosen like this varies between calibration sets; 95 % of them are in this range. */
  readonly range: Interval;
}

/**
 * The highest threshold t that one more positive reaches with a probability of at least `completeness`, over the draw of
 * the calibration positives and that one together: the ⌈(n + 1) c⌉-th highest score.
 *
 * It holds for a positive that is exchangeable with those given, whatever the scores' distribution. Positives of one group
 * are not independent, so each group counts by its lowest score.
 *
 * @param scores of positives (N)
 * @param groups the sky position of every row (N); if absent, every row is a group of its own
 * @throws ArcletError when there are too few groups to promise that completeness
 */
export function conformalThreshold(
  scores: Scores,
  completeness: number,
  groups?: ArrayLike<string | number>,
): ConformalThreshold {
  if (!(completeness > 0 && completeness < 1))
    refuse("threshold", "completeness", "above 0 and below 1", completeness);
  const lowest = new Map<string | number, number>();
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]!)) refuse("threshold", `score of row ${i}`, "a finite number", scores[i]);
    const group = groups?.[i] ?? i;
    lowest.set(group, Math.min(lowest.get(group) ?? Number.POSITIVE_INFINITY, scores[i]!));
  }
  const sorted = Float64Array.from(lowest.values()).sort();
  const n = sorted.length;
  // The k-th lowest score, k = n + 1 − ⌈(n + 1) c⌉; a hair of tolerance, since 0.9 is no binary number.
  const k = n + 1 - Math.ceil((n + 1) * completeness - 1e-9);
  if (k < 1) {
    const needed = Math.ceil(completeness / (1 - completeness) - 1e-9);
    refuse("threshold", "positives", `${needed} or more for a completeness of ${completeness}`, n);
  }
  return {
    threshold: sorted[k - 1]!,
    completeness,
    places: n,
    positives: scores.length,
    range: { low: betaQuantile(0.025, n + 1 - k, k), high: betaQuantile(0.975, n + 1 - k, k) },
  };
}
