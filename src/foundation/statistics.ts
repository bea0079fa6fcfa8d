/** Mean, deviation, quantiles, median. Without values they are NaN. */

/** Numbers that may be reordered. */
export type Values = number[] | Float32Array | Float64Array;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation, with divisor n − 1. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** Quantile of ascending values, by linear interpolation. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  const at = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (at - Math.floor(at)) * (high - low);
}

/**
 * A quantile that is one of the values:
 *
 * - `nearest`: the value whose rank is nearest to the part
 * - `above`: the first with more than the part at or below it, so the larger of two medians
 * - `reached`: the first with at least the part at or below it
 */
export type RankRule = "nearest" | "above" | "reached";

/** Quantile of ascending values that is one of them. @param part from 0 to 1, above 0 for `reached` */
export function rankQuantile(sorted: ArrayLike<number>, part: number, rule: RankRule): number {
  const n = sorted.length;
  const rank = {
    nearest: Math.round(part * (n - 1)),
    above: Math.floor(part * n),
    reached: Math.ceil(part * n) - 1,
  };
  return sorted[Math.min(n - 1, rank[rule])] ?? NaN;
}

/** The middle value, or the mean of the two; sorts in place. */
export function median(values: Values): number {
  if (Array.isArray(values)) values.sort((a, b) => a - b);
  else values.sort();
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

/**
 * The middle value, or the larger of the two: always one of the values. They are reordered, and none may be NaN
 * (Hoare 1961, selection).
 */
export function upperMedian(values: Values): number {
  const k = values.length >> 1;
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i++] = values[j]!;
      values[j--] = held;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k] ?? NaN;
}

/** A normal distribution's standard deviation, divided by its median absolute deviation. */
export const SIGMA_PER_MAD = 1.4826;

/**
 * The median, and the standard deviation of a normal distribution with the same median absolute deviation, which a few
 * outliers hardly change. The values are reordered.
 *
 * @param middleOf which median
 */
export function robustLevel(
  values: Values,
  middleOf: (values: Values) => number,
): { level: number; sigma: number } {
  const level = middleOf(values);
  const deviations = values.slice();
  for (let i = 0; i < values.length; i++) deviations[i] = Math.abs(values[i]! - level);
  return { level, sigma: SIGMA_PER_MAD * middleOf(deviations) };
}
