/**
 * Scores with their truth, ready for every metric that depends on the order alone: the distinct scores from the
 * highest to the lowest, with how many positives and negatives share each one.
 *
 * Ties are one entry, so no metric can depend on the order of the rows. Counts may be weights (a bootstrap
 * resample counts a row as often as it was drawn), so every metric works for both.
 */
import { refuse } from "../foundation/errors.ts";

/** Scores, one a row. */
export type Scores = Float32Array | Float64Array;

/** Distinct scores in descending order; `positive[b]` and `negative[b]` count the rows of score `threshold[b]`. */
export interface RankedScores {
  /** Distinct scores, descending (B). */
  readonly threshold: Float64Array; // (B)
  /** Positives of each score (B). */
  readonly positive: Float64Array; // (B)
  /** Negatives of each score (B). */
  readonly negative: Float64Array; // (B)
  /** Sum of `positive`. */
  readonly positives: number;
  /** Sum of `negative`. */
  readonly negatives: number;
}

/**
 * Ranks scores in O(N log N) time; 10^7 rows take a few seconds and about 0.5 GB.
 *
 * @param scores one a row, finite; higher means more like a positive (N)
 * @param positives 1 for a positive row, 0 for a negative one (N)
 * @throws ArcletError when the lengths differ, a score is not finite (naming its row, from 0), a truth is
 *   neither 0 nor 1, or one of the two classes has no row
 */
export function rankScores(scores: Scores, positives: Uint8Array): RankedScores {
  const count = checkTruth(scores, positives);
  const positive = new Float64Array(count);
  const negative = new Float64Array(scores.length - count);
  let p = 0;
  let n = 0;
  for (let i = 0; i < scores.length; i++) {
    if (positives[i] === 1) positive[p++] = scores[i]!;
    else negative[n++] = scores[i]!;
  }
  return merge(positive.sort(), negative.sort());
}

/** Checks scores against their truth and returns the number of positives. @throws ArcletError as `rankScores` */
export function checkTruth(scores: Scores, positives: Uint8Array): number {
  if (scores.length !== positives.length) {
    refuse("evaluate", "scores", `as many as the ${positives.length} labels`, scores.length);
  }
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]!)) refuse("evaluate", `score of row ${i}`, "a finite number", scores[i]);
    if (positives[i]! > 1) refuse("evaluate", `truth of row ${i}`, "0 or 1", positives[i]);
    count += positives[i]!;
  }
  if (count === 0 || count === scores.length) {
    refuse("evaluate", "labels", "of both classes", `${count} positives among ${scores.length} rows`);
  }
  return count;
}

/** Merges two ascending arrays from their ends. */
function merge(positive: Float64Array, negative: Float64Array): RankedScores {
  const most = positive.length + negative.length;
  const threshold = new Float64Array(most);
  const p = new Float64Array(most);
  const n = new Float64Array(most);
  let bins = 0;
  let i = positive.length - 1;
  let j = negative.length - 1;
  while (i >= 0 || j >= 0) {
    const top = i < 0 || (j >= 0 && negative[j]! > positive[i]!) ? negative[j]! : positive[i]!;
    threshold[bins] = top;
    for (; i >= 0 && positive[i] === top; i--) p[bins]!++;
    for (; j >= 0 && negative[j] === top; j--) n[bins]!++;
    bins++;
  }
  return {
    threshold: threshold.subarray(0, bins),
    positive: p.subarray(0, bins),
    negative: n.subarray(0, bins),
    positives: positive.length,
    negatives: negative.length,
  };
}

/** For every row the index of its score in `ranked.threshold`. The scores must be those that were ranked. */
export function binOfRows(ranked: RankedScores, scores: Scores): Int32Array {
  const bins = new Int32Array(scores.length);
  for (let i = 0; i < scores.length; i++) bins[i] = firstAtMost(ranked.threshold, scores[i]!);
  return bins;
}

/** Index of the first value `<= score` in a descending array; its length if there is none. */
export function firstAtMost(descending: Float64Array, score: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (descending[middle]! <= score) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether all values are between 0 and 1. */
export function areProbabilities(scores: Scores): boolean {
  return scores.every((score) => score >= 0 && score <= 1);
}
