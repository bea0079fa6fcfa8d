/** The arrays of jobs that make shards: one a round, and more where a site limits the numbers of an array's jobs. */
import { ArcletError } from "../foundation/errors.ts";
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";
import { slurmCall } from "./call.ts";

export interface ShardArray {
  readonly shards: readonly number[];
  /** What is added to the number of an array's job for its shard's. */
  readonly offset: number;
  /** The shards that must be whole before these. */
  readonly needed: readonly number[];
}

/**
 * The arrays that make some shards, in an order in which they can be made.
 *
 * @param most the highest number of an array's job
 */
export function arraysOf(folder: ShardFolder, shards: readonly number[], most: number): ShardArray[] {
  const arrays = new Map<string, ShardArray & { shards: number[] }>();
  for (const shard of shards) {
    const needed = folder.neededBy(shard);
    const offset = Math.floor((shard - 1) / most) * most;
    const key = `${needed.length} ${offset}`;
    const array = arrays.get(key) ?? { shards: [], offset, needed };
    array.shards.push(shard);
    arrays.set(key, array);
  }
  return [...arrays.values()];
}

/** The highest number of an array's job that the site allows. @throws ArcletError when it allows no arrays */
export async function highestInArray(): Promise<number> {
  const answer = await slurmCall("scontrol", ["show", "config"]);
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(answer) ?? [];
  if (size === undefined) return Number.MAX_SAFE_INTEGER; // sbatch will say
  if (Number(size) > 1) return Number(size) - 1;
  throw new ArcletError({
    where: "scontrol",
    code: "unsupported",
    problem: `this Slurm allows no arrays of jobs (MaxArraySize ${size})`,
    fix: "--print prints a script that makes one shard",
  });
}
