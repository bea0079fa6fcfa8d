/** Metrics of the order of scores: ROC, precision, and what a lens hunter reads at its low-false-positive end. */
import { refuse } from "../foundation/errors.ts";
import { firstAtMost, type RankedScores } from "./ranked.ts";

/** A ROC curve: one point a distinct score, from nothing selected (threshold infinity) to everything. */
export interface RocCurve {
  /** Rows with a score `>= threshold` are selected. */
  readonly threshold: Float64Array; // (B + 1)
  /** True positives at each threshold, none first (B + 1). */
  readonly truePositives: Float64Array; // (B + 1)
  /** False positives at each threshold, none first (B + 1). */
  readonly falsePositives: Float64Array; // (B + 1)
  /** All positives. */
  readonly positives: number;
  /** All negatives. */
  readonly negatives: number;
}

/** The ROC curve with every distinct score; tied rows enter together. */
export function rocCurve(ranked: RankedScores): RocCurve {
  const bins = ranked.threshold.length;
  const threshold = new Float64Array(bins + 1);
  const truePositives = new Float64Array(bins + 1);
  const falsePositives = new Float64Array(bins + 1);
  threshold[0] = Number.POSITIVE_INFINITY;
  for (let b = 0; b < bins; b++) {
    threshold[b + 1] = ranked.threshold[b]!;
    truePositives[b + 1] = truePositives[b]! + ranked.positive[b]!;
    falsePositives[b + 1] = falsePositives[b]! + ranked.negative[b]!;
  }
  const { positives, negatives } = ranked;
  return { threshold, truePositives, falsePositives, positives, negatives };
}

/** A purity-completeness curve: one point a distinct score, from the highest down. */
export interface PrecisionRecallCurve {
  /** Rows with a score `>= threshold` are selected. */
  readonly threshold: Float64Array; // (B)
  /** Precision (purity) of the selected rows. */
  readonly precision: Float64Array; // (B)
  /** Recall (completeness). */
  readonly recall: Float64Array; // (B)
}

/** Precision against recall at every distinct score. */
export function precisionRecallCurve(ranked: RankedScores): PrecisionRecallCurve {
  const bins = ranked.threshold.length;
  const precision = new Float64Array(bins);
  const recall = new Float64Array(bins);
  let tp = 0;
  let selected = 0;
  for (let b = 0; b < bins; b++) {
    tp += ranked.positive[b]!;
    selected += ranked.positive[b]! + ranked.negative[b]!;
    precision[b] = tp / selected;
    recall[b] = tp / ranked.positives;
  }
  return { threshold: ranked.threshold, precision, recall };
}

/** Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties counting one half. */
export function auroc(ranked: RankedScores): number {
  let above = 0;
  let pairs = 0;
  for (let b = 0; b < ranked.threshold.length; b++) {
    pairs += ranked.negative[b]! * (above + ranked.positive[b]! / 2);
    above += ranked.positive[b]!;
  }
  return pairs / (ranked.positives * ranked.negatives);
}

/**
 * Average precision: the sum over distinct thresholds of the gain in recall times the precision there. No
 * interpolation (the definition of scikit-learn).
 */
export function averagePrecision(ranked: RankedScores): number {
  let tp = 0;
  let selected = 0;
  let sum = 0;
  for (let b = 0; b < ranked.threshold.length; b++) {
    const gain = ranked.positive[b]!;
    tp += gain;
    selected += gain + ranked.negative[b]!;
    if (gain > 0) sum += gain * (tp / selected);
  }
  return sum / ranked.positives;
}

/**
 * The highest recall (true-positive rate) of any threshold with fewer than `nth` false positives: n = 1 is TPR_0,
 * n = 10 is TPR_10 of the Strong Gravitational Lens Finding Challenge (Metcalf et al. 2019, A&A 625, A119:
 * TPR_0 before a single false positive occurs, TPR_10 where fewer than ten are made). A positive that ties with
 * the n-th false positive does not count: no threshold separates them.
 */
export function recallBeforeFalsePositive(ranked: RankedScores, nth: number): number {
  if (!(nth >= 1)) refuse("evaluate", "nth false positive", "1 or more", nth);
  return prefix(ranked, (fp) => fp < nth).tp / ranked.positives;
}

/** The highest recall of any threshold whose false-positive rate is at most `fpr`; no interpolation. */
export function recallAtFpr(ranked: RankedScores, fpr: number): number {
  if (!(fpr >= 0 && fpr <= 1)) refuse("evaluate", "false-positive rate", "between 0 and 1", fpr);
  return prefix(ranked, (fp) => fp / ranked.negatives <= fpr).tp / ranked.positives;
}

/** Walks down the ranking as long as the count of false positives is allowed. */
function prefix(ranked: RankedScores, allowed: (falsePositives: number) => boolean): Selected {
  let tp = 0;
  let fp = 0;
  for (let b = 0; b < ranked.threshold.length && allowed(fp + ranked.negative[b]!); b++) {
    tp += ranked.positive[b]!;
    fp += ranked.negative[b]!;
  }
  return { tp, fp };
}

/** Selected positives and selected negatives. */
export interface Selected {
  /** True positives. */
  readonly tp: number;
  /** False positives. */
  readonly fp: number;
}

/**
 * Positives and negatives among the `n` highest scores. If the n-th rank falls among ties, the ties share the
 * remaining ranks in proportion (the expectation over their random orders), so counts may be fractions.
 *
 * @throws ArcletError when `n` is not a whole number from 1 to the number of rows
 */
export function selectTop(ranked: RankedScores, n: number): Selected {
  const rows = ranked.positives + ranked.negatives;
  if (!Number.isInteger(n) || n < 1 || n > rows) refuse("evaluate", "top N", `from 1 to the ${rows} rows`, n);
  let tp = 0;
  let fp = 0;
  for (let b = 0; tp + fp < n; b++) {
    const tied = ranked.positive[b]! + ranked.negative[b]!;
    const share = Math.min(1, (n - tp - fp) / tied);
    if (share < 1) return { tp: tp + share * ranked.positive[b]!, fp: n - tp - share * ranked.positive[b]! };
    tp += ranked.positive[b]!;
    fp += ranked.negative[b]!;
  }
  return { tp, fp };
}

/** Purity (precision) and completeness (recall) among the `n` highest scores. @throws ArcletError as `selectTop` */
export function purityCompletenessTop(
  ranked: RankedScores,
  n: number,
): { purity: number; completeness: number } {
  const { tp } = selectTop(ranked, n);
  return { purity: tp / n, completeness: tp / ranked.positives };
}

/** Rows with a score `>= threshold`. */
export function selectAbove(ranked: RankedScores, threshold: number): Selected {
  if (Number.isNaN(threshold)) refuse("evaluate", "threshold", "a number", threshold);
  let tp = 0;
  let fp = 0;
  // The first entry strictly below the threshold ends the selection.
  const end = firstAtMost(ranked.threshold, threshold);
  const last = ranked.threshold[end] === threshold ? end + 1 : end;
  for (let b = 0; b < last; b++) {
    tp += ranked.positive[b]!;
    fp += ranked.negative[b]!;
  }
  return { tp, fp };
}

/**
 * Purity of a selection in a population of another prevalence, by Bayes' rule: π TPR / (π TPR + (1 − π) FPR).
 * Null if nothing is selected.
 *
 * @param prevalence the share of positives in that population, above 0 and at most 1
 */
export function purityAtPrevalence(recall: number, fpr: number, prevalence: number): number | null {
  if (!(prevalence > 0 && prevalence <= 1))
    refuse("evaluate", "prevalence", "above 0, at most 1", prevalence);
  const right = prevalence * recall;
  const selected = right + (1 - prevalence) * fpr;
  return selected === 0 ? null : right / selected;
}
