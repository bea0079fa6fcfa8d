/** The rate of divided work and the time that is left, from what the programs say. */
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";
import type { ShardState } from "./shard-state.ts";

export interface WorkProgress {
  /** Units that are made, in whole shards and in those that run. */
  done: number;
  units: number;
  /** Units a second of all shards that run; null if none does. */
  rate: number | null;
  /** Seconds; null if it can't be said. */
  left: number | null;
}

export function progressOf({ plan }: ShardFolder, shards: readonly ShardState[]): WorkProgress {
  let [done, rate] = [0, 0];
  for (const { shard, state, status } of shards) {
    const { from, to } = plan.shards[shard - 1]!;
    if (state === "done") done += to - from;
    else if (state === "running" && status !== null) {
      done += status.done;
      const seconds = (status.updated - status.started) / 1000;
      if (seconds > 0) rate += (status.done - status.kept) / seconds;
    }
  }
  const known = rate > 0;
  return {
    ...{ done, units: plan.units },
    rate: known ? rate : null,
    left: known ? (plan.units - done) / rate : null,
  };
}
