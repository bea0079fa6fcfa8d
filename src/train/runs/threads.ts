/** Threads of runs that share a machine. A run's last digits depend on how many it has: divided work holds to one number. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PLAN_FILE, readPlan } from "../../foundation/shards/plan.ts";
import { shardsBeside } from "../../foundation/shards/shard-folder.ts";
import { coresHere } from "../../foundation/threads.ts";

/** Threads of each run, if so many run at a time. */
export const threadsOfEach = (atOnce: number): number => Math.max(1, Math.floor(coresHere() / atOnce));

/**
 * Threads of each run of divided work: what its plan says, or what the undivided command would take here.
 *
 * @param out what its shards are joined in
 * @param parallel runs at a time, if that was asked for
 */
export function threadsPlanned(out: string, runs: number, parallel: number | null): number {
  const folder = shardsBeside(out);
  const planned = existsSync(join(folder, PLAN_FILE)) ? readPlan(folder).settings.threads : undefined;
  return typeof planned === "number" ? planned : threadsOfEach(Math.min(parallel ?? coresHere(), runs));
}

/** Runs at a time on this machine. */
export const runsAtOnce = (threads: number, parallel: number | null): number =>
  Math.max(1, Math.min(parallel ?? Number.POSITIVE_INFINITY, Math.floor(coresHere() / threads)));
