/** Whether probabilities mean what they say: reliability bins, expected calibration error, Brier score, log-loss. */
import { refuse } from "../foundation/errors.ts";
import { type Interval, wilson } from "./intervals.ts";
import { checkTruth, type Scores } from "./ranked.ts";

/** The default number of bins of the reliability curve. */
export const BINS = 15;

/** Rows with a probability in (low, high]; the first bin includes 0. */
export interface ReliabilityBin {
  /** Its lower edge. */
  readonly low: number;
  /** Its upper edge. */
  readonly high: number;
  /** Rows in it. */
  readonly count: number;
  /** Mean probability of its rows. */
  readonly predicted: number;
  /** Share of its rows that are positive. */
  readonly observed: number;
  /** Wilson's 95 % interval of `observed`. */
  readonly interval: Interval;
}

/**
 * Reliability in bins of equal width; empty bins are left out.
 *
 * @param probabilities of the positive class, between 0 and 1 (N)
 * @param positives 1 for a positive row, 0 for a negative one (N)
 * @throws ArcletError as `rankScores`, or when a probability is outside [0, 1]
 */
export function reliabilityBins(probabilities: Scores, positives: Uint8Array, bins = BINS): ReliabilityBin[] {
  if (!Number.isInteger(bins) || bins < 1) refuse("evaluate", "bins", "a whole number, 1 or more", bins);
  checkProbabilities(probabilities, positives);
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);
  const positive = new Float64Array(bins);
  for (let i = 0; i < probabilities.length; i++) {
    const b = binOf(probabilities[i]!, bins);
    count[b]!++;
    sum[b]! += probabilities[i]!;
    positive[b]! += positives[i]!;
  }
  const all = Array.from(count, (n, b): ReliabilityBin | undefined =>
    n === 0
      ? undefined
      : {
          low: b / bins,
          high: (b + 1) / bins,
          count: n,
          predicted: sum[b]! / n,
          observed: positive[b]! / n,
          interval: wilson(positive[b]!, n),
        },
  );
  return all.filter((bin) => bin !== undefined);
}

/** The bin of a probability: (low, high], the first one closed. */
export const binOf = (probability: number, bins: number): number =>
  Math.max(0, Math.ceil(probability * bins) - 1);

/** Expected calibration error (Naeini et al. 2015): the mean of |observed − predicted| over rows, by bin. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let rows = 0;
  let sum = 0;
  for (const bin of bins) {
    rows += bin.count;
    sum += bin.count * Math.abs(bin.observed - bin.predicted);
  }
  return sum / rows;
}

/** Brier score (Brier 1950) of two classes: the mean squared difference of probability and truth. */
export function brierScore(probabilities: Scores, positives: Uint8Array): number {
  checkProbabilities(probabilities, positives);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += (probabilities[i]! - positives[i]!) ** 2;
  return sum / probabilities.length;
}

/** Probabilities are kept this far from 0 and 1: else a single certain mistake would be infinitely bad. */
const CLOSEST = Number.EPSILON;

/** What one row adds to the log-loss: −log of the probability of its own class, in nats. */
export function lossOf(probability: number, positive: number): number {
  const p = Math.min(1 - CLOSEST, Math.max(CLOSEST, probability));
  return -Math.log(positive === 1 ? p : 1 - p);
}

/** Log-loss (cross-entropy) in nats: the mean of −log of the probability of a row's own class. */
export function logLoss(probabilities: Scores, positives: Uint8Array): number {
  checkProbabilities(probabilities, positives);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += lossOf(probabilities[i]!, positives[i]!);
  return sum / probabilities.length;
}

function checkProbabilities(probabilities: Scores, positives: Uint8Array): void {
  checkTruth(probabilities, positives);
  for (let i = 0; i < probabilities.length; i++)
    if (probabilities[i]! < 0 || probabilities[i]! > 1)
      refuse("evaluate", `probability of row ${i}`, "between 0 and 1", probabilities[i]);
}
