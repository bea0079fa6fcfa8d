/**
 * A 95 % interval of the average precision (AP) for few positives as for many, symmetric on the logit scale.
 *
 * Its variance is that of the rows' influences on it, as DeLong's is for the AUROC: an analytic jackknife, by groups where rows
 * share a sky position. Few positives know too little of it, so it is drawn towards AP (1 − AP) / P, which is that of
 * Boyd, Eng & Page's logit interval (2013, ECML PKDD, LNCS 8190, 451; P positives): as if `PRIOR` more positives said so,
 * beside the effective number of those that hold the loss, (Σ e)² / Σ e², e = 1 − precision. How well it covers stands in
 * docs/results/intervals.md.
 */
import { Z95 } from "./distributions.ts";
import type { Interval } from "./interval.ts";
import { binOfRows, type RankedScores, type Scores } from "./ranked.ts";
import { merged, numberGroups } from "./resample.ts";

/** How many positives the model of the variance weighs as much as. */
const PRIOR = 8;

/** Rows in groups, for their influences' sums. */
export interface GroupedRows {
  readonly scores: Scores;
  readonly positives: Uint8Array;
  readonly groups: ArrayLike<string | number>;
}

/**
 * The average precision with its 95 % interval, by its influence function; rows of a group count as one draw.
 *
 * @param grouped where rows of a group are not independent
 */
export function averagePrecisionInterval(ranked: RankedScores, grouped?: GroupedRows): Interval {
  const base = merged(ranked);
  const influence = influencesOf(base);
  const { value, errors } = influence;
  const P = base.positives;
  // At 1 a logit has no end: a quarter of a positive is lost.
  const inside = Math.min(value, 1 - 0.25 / P);
  const model = (inside * (1 - inside)) / P;
  const measured = varianceOf(base, influence);
  const shrunk = ((errors * measured) / model + PRIOR) / (errors + PRIOR);
  const clustering = grouped === undefined ? 1 : designEffect(base, influence, grouped);
  const half = (Z95 * Math.sqrt(shrunk * model * clustering)) / (inside * (1 - inside));
  const logit = Math.log(inside / (1 - inside));
  return {
    low: 1 / (1 + Math.exp(half - logit)),
    high: value === 1 ? 1 : 1 / (1 + Math.exp(-half - logit)),
  };
}

interface Influences {
  value: number;
  /** Effective number of positives that hold the loss. */
  errors: number;
  /** By distinct score: of a positive and of a negative, each with mean 0 over its class. */
  positive: Float64Array;
  negative: Float64Array;
}

/** AP is the mean over positives of tp / (tp + fp); a row changes tp or fp for every positive at or below it. */
function influencesOf({ positive: p, negative: n, positives: P, negatives: N }: RankedScores): Influences {
  const bins = p.length;
  const precision = new Float64Array(bins);
  const rise = new Float64Array(bins);
  const fall = new Float64Array(bins);
  let [tp, fp, value, loss, square, meanRise, meanFall] = [0, 0, 0, 0, 0, 0, 0];
  for (let b = 0; b < bins; b++) {
    tp += p[b]!;
    fp += n[b]!;
    if (p[b] === 0) continue;
    const all = tp + fp;
    precision[b] = tp / all;
    value += (p[b]! * precision[b]!) / P;
    loss += p[b]! * (1 - precision[b]!);
    square += p[b]! * (1 - precision[b]!) ** 2;
    // d precision / d(tp / P) and / d(fp / N), times this score's share of the positives.
    rise[b] = (p[b]! / P) * ((P * fp) / all ** 2);
    fall[b] = (p[b]! / P) * ((-N * tp) / all ** 2);
    meanRise += rise[b]! * (tp / P);
    meanFall += fall[b]! * (fp / N);
  }
  const positive = new Float64Array(bins);
  const negative = new Float64Array(bins);
  let [rises, falls] = [0, 0];
  for (let b = bins - 1; b >= 0; b--) {
    rises += rise[b]!;
    falls += fall[b]!;
    positive[b] = precision[b]! - value + rises - meanRise;
    negative[b] = falls - meanFall;
  }
  return { value, errors: square === 0 ? 0 : loss ** 2 / square, positive, negative };
}

function varianceOf(base: RankedScores, { positive, negative }: Influences): number {
  const { positives: P, negatives: N } = base;
  let [ofPositives, ofNegatives] = [0, 0];
  for (let b = 0; b < positive.length; b++) {
    ofPositives += base.positive[b]! * positive[b]! ** 2;
    ofNegatives += base.negative[b]! * negative[b]! ** 2;
  }
  return ofPositives / (P * Math.max(1, P - 1)) + ofNegatives / (N * Math.max(1, N - 1));
}

/** The variance of groups' sums over that of independent rows; 1 where each row is a group of its own. */
function designEffect(
  base: RankedScores,
  { positive, negative }: Influences,
  { scores, positives, groups }: GroupedRows,
): number {
  const { index, count } = numberGroups(groups, scores.length);
  if (count === scores.length) return 1;
  const bins = binOfRows(base, scores);
  const sums = new Float64Array(count);
  let rows = 0;
  for (let i = 0; i < scores.length; i++) {
    const bin = bins[i]!;
    const own = positives[i] === 1 ? positive[bin]! / base.positives : negative[bin]! / base.negatives;
    sums[index[i]!]! += own;
    rows += own * own;
  }
  return rows === 0 ? 1 : sums.reduce((sum, own) => sum + own * own, 0) / rows;
}
