/** Work divided into shards: runs of units (images, rows, trials), one after the other. */
import { refuse } from "../errors.ts";

/** Units from `from` up to but not including `to`, counted from 0. */
export interface UnitRange {
  readonly from: number;
  readonly to: number;
}

export interface Dividable {
  readonly units: number;
  readonly unit: string;
  /** Units that stay together: every range but a round's last is of whole blocks. */
  readonly block?: number;
  /** The first unit of each round, 0 among them: a round begins once those before it are made. One round by default. */
  readonly rounds?: readonly number[];
}

/**
 * Nearly equal ranges that together are all units, in order. A range is of one round, or of whole rounds.
 *
 * @throws ArcletError when there are more shards than blocks
 */
export function dividedInto(
  { units, unit, block = 1, rounds = [0] }: Dividable,
  shards: number,
): UnitRange[] {
  const parts = rounds.map((from, k): UnitRange => ({ from, to: rounds[k + 1] ?? units }));
  const blocks = parts.map(({ from, to }) => Math.ceil((to - from) / block));
  const all = blocks.reduce((sum, count) => sum + count, 0);
  if (shards > all) {
    const together = block === 1 ? "" : `, which stay together by ${block}`;
    refuse("shards", "--shards", `at most ${all}, for ${units} ${unit}${together}`, shards);
  }
  if (shards < parts.length) {
    const first = (k: number) => Math.floor((k * parts.length) / shards);
    return Array.from({ length: shards }, (_, k) => ({
      from: parts[first(k)]!.from,
      to: parts[first(k + 1) - 1]!.to,
    }));
  }
  const counts = shardsOfRounds(blocks, shards);
  return parts.flatMap((part, k) => evenly(part, block, counts[k]!));
}

/** How many shards each round has: one at least, and the more the more blocks it has. */
function shardsOfRounds(blocks: readonly number[], shards: number): number[] {
  const counts = blocks.map(() => 1);
  for (let left = shards - blocks.length; left > 0; left--) {
    const load = blocks.map((count, k) => (counts[k]! < count ? count / counts[k]! : 0));
    counts[load.indexOf(Math.max(...load))]!++;
  }
  return counts;
}

function evenly({ from, to }: UnitRange, block: number, shards: number): UnitRange[] {
  const blocks = Math.ceil((to - from) / block);
  const edge = (k: number) => Math.min(to, from + Math.floor((k * blocks) / shards) * block);
  return Array.from({ length: shards }, (_, k) => ({ from: edge(k), to: edge(k + 1) }));
}

/** The numbers, from 1, of the shards that must be whole before one can be made: those of the rounds before it. */
export function neededBy(shards: readonly UnitRange[], rounds: readonly number[], shard: number): number[] {
  const begins = rounds.findLast((first) => first <= shards[shard - 1]!.from) ?? 0;
  return shards.flatMap(({ to }, k) => (to <= begins ? [k + 1] : []));
}
