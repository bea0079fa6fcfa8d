/** Work divided into shards: runs of units (images, rows, trials), one after the other. */
import { refuse } from "../errors.ts";

/** Units from `from` up to but not including `to`, counted from 0. */
export interface UnitRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Nearly equal ranges that together are all units, in order.
 *
 * @param block units that stay together: every range but the last is of whole blocks
 * @throws ArcletError when there are more shards than blocks
 */
export function dividedInto(
  { units, unit, block = 1 }: { units: number; unit: string; block?: number },
  shards: number,
): UnitRange[] {
  const blocks = Math.ceil(units / block);
  if (shards > blocks) {
    const together = block === 1 ? "" : `, which stay together by ${block}`;
    refuse("shards", "--shards", `at most ${blocks}, for ${units} ${unit}${together}`, shards);
  }
  const edge = (k: number) => Math.min(units, Math.floor((k * blocks) / shards) * block);
  return Array.from({ length: shards }, (_, k) => ({ from: edge(k), to: edge(k + 1) }));
}
