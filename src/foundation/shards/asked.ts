/** What a command line asks of shards. */
import { refuse } from "../errors.ts";
import type { AskedShards, ShardValues } from "./config.ts";

/**
 * @returns null if the work is not to be divided
 * @throws ArcletError for settings that contradict each other
 */
export function askedShards(command: string, { shards, shard, merge }: ShardValues): AskedShards | null {
  if (shard === null) {
    if (shards === null && merge)
      refuse(command, "--merge", "left out unless --shards says of how many", merge);
    return shards === null ? null : { shards, shard: null, mergeOnly: merge, keepsFolder: merge };
  }
  if (merge) refuse(command, "--merge", "left out beside --shard", merge);
  const [one, all] = shard.split("/").map(Number) as [number, number];
  if (shards !== null && shards !== all) refuse(command, "--shard", `K/${shards}, as --shards says`, shard);
  return { shards: all, shard: one, mergeOnly: false, keepsFolder: true };
}
