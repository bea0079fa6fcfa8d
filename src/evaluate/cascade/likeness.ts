/** Whether images are like those that a cascade was made on, by how its student's log odds are distributed. */
import { quantile } from "../../foundation/statistics.ts";

/** Values that a distribution is kept as. */
const KEPT = 201;
/** Images are others if the largest difference of the distributions is above this, */
const MOST_APART = 0.15;
/** and above what chance makes of so many: Kolmogorov's 99.9 % point is this times √(1/n + 1/m). */
const CHANCE = 1.95;

export function quantilesOf(odds: Float64Array | Float32Array): number[] {
  const sorted = Float64Array.from(odds).sort();
  return Array.from({ length: KEPT }, (_, k) => quantile(sorted, k / (KEPT - 1)));
}

/** Kolmogorov's distance: the largest difference of the shares of values at or below any of the quantiles. */
export function distanceTo(quantiles: readonly number[], odds: Float64Array | Float32Array): number {
  const sorted = Float64Array.from(odds).sort();
  const last = quantiles.length - 1;
  let [largest, below] = [0, 0];
  for (let k = 0; k <= last; k++) {
    while (below < sorted.length && sorted[below]! <= quantiles[k]!) below++;
    // Of equal quantiles the last one has the share at or below.
    if (k < last && quantiles[k + 1] === quantiles[k]) continue;
    largest = Math.max(largest, Math.abs(below / sorted.length - k / last));
  }
  return largest;
}

/** How a dataset's log odds are distributed, as a cascade keeps it. */
export interface KeptDistribution {
  readonly quantiles: readonly number[];
  /** Images that they are of. */
  readonly images: number;
}

/** @returns the distance to the nearest of datasets if it is too large, else null */
export function strangeness(
  kept: readonly KeptDistribution[],
  odds: Float64Array | Float32Array,
): number | null {
  if (odds.length === 0) return null;
  const distances = kept.map(({ quantiles, images }) => {
    const distance = distanceTo(quantiles, odds);
    const chance = CHANCE * Math.sqrt(1 / odds.length + 1 / images);
    return { distance, apart: distance > Math.max(MOST_APART, chance) };
  });
  return distances.every(({ apart }) => apart)
    ? Math.min(...distances.map(({ distance }) => distance))
    : null;
}
