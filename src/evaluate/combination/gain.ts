/** The gain of one score over another in AUROC on the same rows, with an interval that knows of groups. */
import { percentiles, resample } from "../bootstrap.ts";
import { delongPaired, type Interval } from "../intervals.ts";
import { rankScores } from "../ranked.ts";
import { auroc } from "../ranking.ts";
import { numberGroups, resamplerOf } from "../resample.ts";

export interface Gain extends Interval {
  /** AUROC of the first less AUROC of the second. */
  readonly value: number;
  readonly first: number;
  readonly second: number;
  /** Rows that both scored. */
  readonly rows: number;
}

const RESAMPLES = 1000;

/**
 * The interval is `delongPaired`'s, made for independent rows. Where groups hold several, it is widened to the percentiles of
 * a bootstrap over groups if these are further out.
 *
 * @param first scores, NaN for none (N)
 * @param second (N)
 * @param positives 1 for a positive, 0 for a negative (N)
 * @returns null where fewer than two rows of a class have both scores
 */
export async function pairedGain(
  first: Float64Array,
  second: Float64Array,
  positives: Uint8Array,
  groups: ArrayLike<string | number>,
  seed: number,
): Promise<Gain | null> {
  const rows = [...positives.keys()].filter((i) => !Number.isNaN(first[i]! + second[i]!));
  const truth = Uint8Array.from(rows, (i) => positives[i]!);
  const count = truth.reduce((sum, one) => sum + one, 0);
  if (Math.min(count, rows.length - count) < 2) return null;
  const [a, b] = [first, second].map((scores) => Float64Array.from(rows, (i) => scores[i]!)) as [
    Float64Array,
    Float64Array,
  ];
  const paired = delongPaired(a, b, truth);
  const { difference: value, low, high } = paired;
  const numbered = numberGroups(
    rows.map((i) => groups[i]!),
    rows.length,
  );
  const gain = { value, low, high, first: paired.first, second: paired.second, rows: rows.length };
  if (numbered.count === rows.length) return gain;
  const ranked = [a, b].map((scores) => resamplerOf(rankScores(scores, truth), scores, truth, numbered));
  const values = new Float64Array(RESAMPLES);
  await resample(numbered.count, { resamples: RESAMPLES, seed }, (drawn, r) => {
    const [one, other] = ranked.map((of) => of(drawn));
    if (one!.positives === 0 || one!.negatives === 0) return false;
    values[r] = auroc(one!) - auroc(other!);
    return true;
  });
  const byGroup = percentiles(values);
  return { ...gain, low: Math.min(low, byGroup.low), high: Math.max(high, byGroup.high) };
}
