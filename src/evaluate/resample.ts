/** Rankings in which rows count as often as their group was drawn; nothing is sorted again. */
import { refuse } from "../foundation/errors.ts";
import { uniformAt } from "../foundation/random.ts";
import { binOfRows, type RankedScores, type Scores } from "./ranked.ts";

/** Groups by number, 0 to `count` − 1 (N). */
export interface NumberedGroups {
  readonly index: Uint32Array;
  readonly count: number;
}

/**
 * Groups by number in the order of their first row. A `Uint32Array` holds numbers from 0 without gaps and is taken as it
 * is: ten million texts in a map would fill the memory.
 *
 * @param groups the group of every row (N); if absent, every row is a group of its own
 * @throws ArcletError when there are not as many as rows
 */
export function numberGroups(groups: ArrayLike<string | number> | undefined, rows: number): NumberedGroups {
  if (groups !== undefined && groups.length !== rows)
    refuse("evaluate", "groups", `as many as the ${rows} rows`, groups.length);
  if (groups instanceof Uint32Array) {
    let count = 0;
    for (let i = 0; i < rows; i++) if (groups[i]! >= count) count = groups[i]! + 1;
    return { index: groups, count };
  }
  const index = new Uint32Array(rows);
  if (groups === undefined) {
    for (let i = 0; i < rows; i++) index[i] = i;
    return { index, count: rows };
  }
  const numbers = new Map<string | number, number>();
  for (let i = 0; i < rows; i++) {
    const known = numbers.get(groups[i]!);
    index[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(groups[i]!, numbers.size);
  }
  return { index, count: numbers.size };
}

/** Beyond this many rows groups are put into blocks, and rows are read in the order of their scores. */
const MANY = 100_000;

/** Blocks that many groups are put into. A variance from this many blocks is right to 2 %. */
const BLOCKS = 4096;

/**
 * Whole groups put into `BLOCKS` blocks at random, if there are more of them: resampling blocks instead of groups gives
 * the same spread at a cost that does not grow with the number of groups.
 */
export function inBlocks({ index, count }: NumberedGroups, seed: number): NumberedGroups {
  if (count <= BLOCKS) return { index, count };
  return { index: index.map((group) => Math.floor(uniformAt(seed, group) * BLOCKS)), count: BLOCKS };
}

/** `inBlocks` where there are many rows. */
export const inBlocksIfMany = (groups: NumberedGroups, seed: number): NumberedGroups =>
  groups.index.length > MANY ? inBlocks(groups, seed) : groups;

/** Gives the ranking in which a row counts `drawn[its group]` times. The next call overwrites its arrays. */
export type Resampler = (drawn: Uint32Array) => RankedScores;

/**
 * The resampler for as many rows as there are: `resampler`, or `orderedResampler` where there are many. Groups are those of
 * `inBlocksIfMany`.
 */
export const resamplerOf = (
  base: RankedScores,
  scores: Scores,
  positives: Uint8Array,
  groups: NumberedGroups,
): Resampler => (scores.length > MANY ? orderedResampler : resampler)(base, scores, positives, groups);

/** A resampler that visits rows as they come: O(N) with a jump a row. base is the ranking of the scores. */
export function resampler(
  base: RankedScores,
  scores: Scores,
  positives: Uint8Array,
  { index }: NumberedGroups,
): Resampler {
  const bins = binOfRows(base, scores);
  const { counts, totals } = emptyLike(base);
  return (drawn) => {
    counts.positive.fill(0);
    counts.negative.fill(0);
    let p = 0;
    let n = 0;
    for (let i = 0; i < index.length; i++) {
      const times = drawn[index[i]!]!;
      if (positives[i] === 1) {
        counts.positive[bins[i]!]! += times;
        p += times;
      } else {
        counts.negative[bins[i]!]! += times;
        n += times;
      }
    }
    return totals(p, n);
  };
}

/**
 * A resampler for many rows in at most `BLOCKS` groups: they are laid out once in the order of their scores, so that
 * a draw reads memory from end to end. Negatives that no positive stands between are one entry of its rankings, which changes no area, recall
 * or average precision.
 */
export function orderedResampler(
  ranked: RankedScores,
  scores: Scores,
  positives: Uint8Array,
  groups: NumberedGroups,
): Resampler {
  const base = merged(ranked);
  const bins = binOfRows(base, scores);
  const ofPositive = layOut(bins, positives, 1, base.positive, groups.index);
  const ofNegative = layOut(bins, positives, 0, base.negative, groups.index);
  const { counts, totals } = emptyLike(base);
  return (drawn) =>
    totals(
      gather(ofPositive, base.positive, drawn, counts.positive),
      gather(ofNegative, base.negative, drawn, counts.negative),
    );
}

/** Groups of a class's rows, in the order of their entries. */
function layOut(
  bins: Int32Array,
  positives: Uint8Array,
  truth: number,
  counts: Float64Array,
  groups: Uint32Array,
): Uint16Array {
  const next = new Uint32Array(counts.length);
  for (let b = 1; b < counts.length; b++) next[b] = next[b - 1]! + counts[b - 1]!;
  const last = counts.length - 1;
  const out = new Uint16Array(next[last]! + counts[last]!);
  for (let i = 0; i < bins.length; i++) if (positives[i] === truth) out[next[bins[i]!]!++] = groups[i]!;
  return out;
}

/** Sums each entry's draws into `into`. @returns the sum of all */
function gather(groups: Uint16Array, counts: Float64Array, drawn: Uint32Array, into: Float64Array): number {
  let next = 0;
  let total = 0;
  for (let b = 0; b < counts.length; b++) {
    let sum = 0;
    for (const end = next + counts[b]!; next < end; next++) sum += drawn[groups[next]!]!;
    into[b] = sum;
    total += sum;
  }
  return total;
}

/** One entry in place of neighbours without a positive, at the lowest of their scores. */
export function merged({ threshold, positive, negative, positives, negatives }: RankedScores): RankedScores {
  const kept = { threshold: [] as number[], positive: [] as number[], negative: [] as number[] };
  for (let b = 0; b < threshold.length; b++) {
    const last = kept.positive.length - 1;
    if (positive[b] === 0 && kept.positive[last] === 0) {
      kept.threshold[last] = threshold[b]!;
      kept.negative[last]! += negative[b]!;
      continue;
    }
    kept.threshold.push(threshold[b]!);
    kept.positive.push(positive[b]!);
    kept.negative.push(negative[b]!);
  }
  return {
    threshold: Float64Array.from(kept.threshold),
    positive: Float64Array.from(kept.positive),
    negative: Float64Array.from(kept.negative),
    positives,
    negatives,
  };
}

function emptyLike({ threshold }: RankedScores) {
  const counts = {
    positive: new Float64Array(threshold.length),
    negative: new Float64Array(threshold.length),
  };
  const totals = (positives: number, negatives: number) => ({ threshold, ...counts, positives, negatives });
  return { counts, totals };
}
