/** The settings of commands whose work divides. */
import { z } from "zod";
import { count, yes } from "../field.ts";

const group = "Divided work";

export const shardFields = {
  shards: count("divide the work into this many shards, make those that are absent, and join them", {
    default: null,
    group,
  }),
  shard: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/, "K/N, e.g. 3/20")
    .refine((text) => numbersOf(text).shard <= numbersOf(text).shards, "K/N, with K at most N")
    .nullable()
    .default(null)
    .describe("make one shard, K of N, in <out>.shards; several programs may do so at once")
    .meta({ group }),
  merge: yes("make no shard, only join those that are there; refused while one is absent", { group }),
};

/** What was asked for of shards; null if the work is not to be divided. */
export interface AskedShards {
  readonly shards: number;
  /** From 1; null for all. */
  readonly shard: number | null;
  readonly mergeOnly: boolean;
  /** Whether the folder of shards stays once they are joined, for `arclet jobs`. */
  readonly keepsFolder: boolean;
}

function numbersOf(text: string): { shard: number; shards: number } {
  const [shard, shards] = text.split("/").map(Number) as [number, number];
  return { shard, shards };
}

/** Values of `shardFields`. */
export interface ShardValues {
  shards: number | null;
  shard: string | null;
  merge: boolean;
}
