/**
 * The scale on which a finder's scores are calibrated and correlated: the log odds of probabilities, any other score as it
 * is, with mean 0 and deviation 1 over all scored rows.
 *
 * A probability of exactly 0 or 1 has no log odds. It is what a finder rounds to, so it is taken half as far from the end as
 * the nearest score that is not at the end: 0 votes of 10, beside 1 of 10, count as half a vote.
 */
import { z } from "zod";
import { mean } from "../../foundation/statistics.ts";
import { logOdds } from "./log-odds.ts";

export const scaleSchema = z.strictObject({
  /** Whether the scores are probabilities. */
  logit: z.boolean(),
  /** Scores are clipped to this range first; null of scores that are no probabilities. */
  clip: z.strictObject({ low: z.number().gt(0), high: z.number().lt(1) }).nullable(),
  centre: z.number(),
  width: z.number().positive(),
});
export type Scale = z.infer<typeof scaleSchema>;

export interface Scaled {
  readonly scale: Scale;
  /** Rows with a probability of exactly 0, and of exactly 1, which were clipped. */
  readonly low: number;
  readonly high: number;
}

/** Where all scores are at an end, as votes of one person are. */
const ALL_AT_ENDS = 0.5;

/**
 * @param scores NaN for none; those that are given are finite and not all the same (N)
 */
export function scaleOf(scores: Float64Array): Scaled {
  const given = scores.filter((score) => !Number.isNaN(score));
  if (!given.every((score) => score >= 0 && score <= 1))
    return { scale: standardised(given, { logit: false, clip: null }), low: 0, high: 0 };
  const inside = given.filter((score) => score > 0 && score < 1);
  const nearest = (distance: (score: number) => number) =>
    inside.reduce((least, score) => Math.min(least, distance(score)), ALL_AT_ENDS) / 2;
  const clip = { low: nearest((score) => score), high: 1 - nearest((score) => 1 - score) };
  // So near to 1 that half the distance is rounded away.
  if (clip.high === 1) clip.high = 1 - Number.EPSILON / 2;
  return {
    scale: standardised(given, { logit: true, clip }),
    low: given.filter((score) => score === 0).length,
    high: given.filter((score) => score === 1).length,
  };
}

function standardised(given: Float64Array, kind: Pick<Scale, "logit" | "clip">): Scale {
  const plain = { ...kind, centre: 0, width: 1 };
  const values = Array.from(given, (score) => onScale(plain, score));
  const centre = mean(values);
  return { ...kind, centre, width: Math.sqrt(mean(values.map((value) => (value - centre) ** 2))) };
}

/** A score on its scale; NaN stays NaN. */
export function onScale({ clip, centre, width }: Scale, score: number): number {
  const value = clip === null ? score : logOdds(Math.min(clip.high, Math.max(clip.low, score)));
  return (value - centre) / width;
}
