/** How far two samples of a number differ: what a single cut could tell, and how far apart their distributions are. */
import { rankQuantile } from "../../foundation/statistics.ts";
import { type DeLong, delong } from "../intervals.ts";
import { rankScores } from "../ranked.ts";

/** How far one statistic of simulated images is from real ones. */
export interface Difference {
  /** The statistic's name. */
  readonly name: string;
  /** Of real above simulated, or of simulated above real: the larger, with DeLong's interval. */
  readonly auroc: DeLong;
  /** Kolmogorov–Smirnov: the largest distance between the two cumulative distributions. */
  readonly ks: number;
  /** Whether the real ones are larger. */
  readonly realLarger: boolean;
  /** 16th, 50th and 84th percentiles. */
  readonly simulated: Spread;
  /** The same of real images. */
  readonly real: Spread;
}

export type Spread = readonly [low: number, median: number, high: number];

/** @throws ArcletError when a sample has fewer than two numbers, or one that is not finite */
export function difference(name: string, simulated: Float64Array, real: Float64Array): Difference {
  const positives = Uint8Array.from({ length: simulated.length + real.length }, (_, i) =>
    Number(i >= simulated.length),
  );
  const both = new Float64Array(positives.length);
  both.set(simulated);
  both.set(real, simulated.length);
  const ranked = rankScores(both, positives);
  const upwards = delong(ranked);
  const realLarger = upwards.auroc >= 0.5;
  const auroc = realLarger
    ? upwards
    : delong(
        rankScores(
          both.map((x) => -x),
          positives,
        ),
      );
  let ks = 0;
  let [p, n] = [0, 0];
  for (let b = 0; b < ranked.threshold.length; b++) {
    p += ranked.positive[b]! / ranked.positives;
    n += ranked.negative[b]! / ranked.negatives;
    ks = Math.max(ks, Math.abs(p - n));
  }
  return { name, auroc, ks, realLarger, simulated: spreadOf(simulated), real: spreadOf(real) };
}

function spreadOf(values: Float64Array): Spread {
  const sorted = values.slice().sort();
  const at = (part: number) => rankQuantile(sorted, part, "above");
  return [at(0.16), at(0.5), at(0.84)];
}
