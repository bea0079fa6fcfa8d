/** The calibration of one set of probabilities, with intervals by a bootstrap over groups. */
import { rankQuantile } from "../foundation/statistics.ts";
import { type BootstrapOptions, percentiles, resample } from "./bootstrap.ts";
import {
  BINS,
  binOf,
  brierScore,
  expectedCalibrationError,
  logLoss,
  lossOf,
  reliabilityBins,
} from "./calibration.ts";
import type { Interval } from "./intervals.ts";
import type { Scores } from "./ranked.ts";
import { inBlocks, numberGroups } from "./resample.ts";
import type { Calibration } from "./schema.ts";

export interface CalibrationInput {
  /** Of the positive class (N). */
  readonly probabilities: Scores;
  /** 1 for a positive row, 0 for a negative one (N). */
  readonly positives: Uint8Array;
  readonly groups?: ArrayLike<string | number> | undefined;
  /** Of the reliability curve. */
  readonly bins?: number | undefined;
  /** If absent, there are no intervals. */
  readonly bootstrap?: BootstrapOptions | undefined;
}

/**
 * With intervals where a bootstrap is asked for.
 *
 * @throws ArcletError as `rankScores`, or when a probability is outside [0, 1]; Interrupted when the user stops it
 */
export async function computeCalibration(input: CalibrationInput): Promise<Calibration> {
  const measured = calibrationOf(input);
  if (input.bootstrap === undefined) return measured;
  return { ...measured, intervals: await calibrationIntervals(input, measured.ece, input.bootstrap) };
}

/** Without intervals. @throws ArcletError as `rankScores`, or when a probability is outside [0, 1] */
export function calibrationOf(input: CalibrationInput): Calibration {
  const { probabilities, positives, bins: count = BINS } = input;
  const bins = reliabilityBins(probabilities, positives, count);
  return {
    ece: expectedCalibrationError(bins),
    brier: brierScore(probabilities, positives),
    logLoss: logLoss(probabilities, positives),
    intervals: null,
    bins,
  };
}

/**
 * 95 % intervals. Brier score and log-loss are means, and have their percentiles.
 *
 * The ECE counts the noise of a bin's share as an error, so it is biased upward, and that of a resample twice. The lower
 * bound is therefore the upper percentile reflected at the value (Davison & Hinkley 1997, Bootstrap Methods, eq. 5.6), and 0
 * if noise alone would give as much: if the ECE is below the 97.5th percentile of Σ |resampled gap − gap|. The upper
 * bound is half the percentiles' distance above the value, bias included: too high rather than too low.
 *
 * Groups (or blocks of them) enter by their sums over each bin, so a resample does not visit rows.
 */
async function calibrationIntervals(
  { probabilities, positives, groups, bins = BINS }: CalibrationInput,
  ece: number,
  options: BootstrapOptions,
): Promise<{ ece: Interval; brier: Interval; logLoss: Interval }> {
  const { index, count } = inBlocks(numberGroups(groups, positives.length), options.seed);
  const gap = new Float64Array(count * bins); // truth minus probability
  const rows = new Float64Array(count);
  const brier = new Float64Array(count);
  const loss = new Float64Array(count);
  for (let i = 0; i < index.length; i++) {
    const g = index[i]!;
    const residual = positives[i]! - probabilities[i]!;
    gap[g * bins + binOf(probabilities[i]!, bins)]! += residual;
    rows[g]!++;
    brier[g]! += residual * residual;
    loss[g]! += lossOf(probabilities[i]!, positives[i]!);
  }
  const resampled = {
    ece: new Float64Array(options.resamples),
    noise: new Float64Array(options.resamples),
    brier: new Float64Array(options.resamples),
    logLoss: new Float64Array(options.resamples),
  };
  const sums = new Float64Array(bins);
  const meanGaps = sums.map((_, k) => {
    let sum = 0;
    for (let g = 0; g < count; g++) sum += gap[g * bins + k]!;
    return sum / positives.length;
  });
  await resample(count, options, (drawn, r) => {
    sums.fill(0);
    let [n, b, l] = [0, 0, 0];
    for (let g = 0; g < count; g++) {
      const times = drawn[g]!;
      if (times === 0) continue;
      n += times * rows[g]!;
      b += times * brier[g]!;
      l += times * loss[g]!;
      for (let k = 0; k < bins; k++) sums[k]! += times * gap[g * bins + k]!;
    }
    if (n === 0) return false;
    resampled.ece[r] = sums.reduce((sum, value) => sum + Math.abs(value), 0) / n;
    resampled.noise[r] = sums.reduce((sum, value, k) => sum + Math.abs(value / n - meanGaps[k]!), 0);
    resampled.brier[r] = b / n;
    resampled.logLoss[r] = l / n;
    return true;
  });
  const { low, high } = percentiles(resampled.ece);
  const noise = rankQuantile(resampled.noise.sort(), 0.975, "reached");
  return {
    ece: {
      low: ece <= noise ? 0 : Math.max(0, Math.min(ece, 2 * ece - high)),
      high: Math.min(1, ece + (high - low) / 2),
    },
    brier: percentiles(resampled.brier),
    logLoss: percentiles(resampled.logLoss),
  };
}
