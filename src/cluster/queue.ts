/** What Slurm's queue says of jobs. It forgets them soon after they end: what they left is in files. */
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";
import { slurmCall } from "./call.ts";
import { submissionsOf } from "./submissions.ts";

export interface QueuedJob {
  /** Slurm's number, of an array's element too: `12_7`. */
  id: string;
  /** E.g. `RUNNING`, `PENDING`. */
  state: string;
  /** Why it waits, or on which nodes it runs. */
  why: string;
}

/** States after which a job does no more. */
const ENDED = /^(BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|TIMEOUT)$/;

/** The number of a job without that of its element. */
export const jobOf = ({ id }: QueuedJob): string => id.split("_")[0]!;

/** Jobs in the queue: shards by number, and those that join them. */
export interface Queue {
  readonly shards: Map<number, QueuedJob>;
  readonly merges: QueuedJob[];
}

/** The jobs of a folder that are in the queue. @throws ArcletError as `slurmCall` */
export async function queued(folder: ShardFolder): Promise<Queue> {
  const kinds = new Map(submissionsOf(folder).map((one) => [one.id, one]));
  const shards = new Map<number, QueuedJob>();
  const merges: QueuedJob[] = [];
  if (kinds.size === 0) return { shards, merges };
  const answer = await slurmCall("squeue", ["--noheader", "--array", "--me", "--format=%i|%T|%R"]);
  for (const line of answer.split("\n")) {
    const [id = "", state = "", why = ""] = line.trim().split("|");
    const [job = "", element] = id.split("_");
    const submission = kinds.get(job);
    if (submission === undefined || ENDED.test(state)) continue;
    if (submission.kind === "merge") merges.push({ id, state, why });
    else shards.set(Number(element) + submission.offset, { id, state, why });
  }
  return { shards, merges };
}
