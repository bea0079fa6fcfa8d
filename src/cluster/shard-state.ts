/** How far each shard is: by its files first, which stay, and by Slurm's queue, which forgets. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { nameOf, type ShardFolder } from "../foundation/shards/shard-folder.ts";
import { readStatus, type ShardStatus } from "../foundation/shards/status.ts";
import { type QueuedJob, queued } from "./queue.ts";
import { type Submission, submissionsOf } from "./submissions.ts";

export type State = "done" | "running" | "waiting" | "failed" | "gone" | "absent";

export interface ShardState {
  shard: number;
  state: State;
  /** What its program says of it; null if none has begun. */
  status: ShardStatus | null;
  /** Why it waits or failed, and the last line of its log; empty if nothing is known. */
  says: string;
}

export interface WorkState {
  shards: ShardState[];
  /** The jobs that join the shards. */
  merges: QueuedJob[];
  /** Whether the shards were joined. */
  joined: boolean;
  /** Why Slurm's queue is not known; null if it is, or no job was submitted. */
  noQueue: string | null;
}

/** @throws ArcletError when a file in the folder is broken */
export async function workState(folder: ShardFolder): Promise<WorkState> {
  const submissions = submissionsOf(folder);
  let queue: Awaited<ReturnType<typeof queued>> = { shards: new Map(), merges: [] };
  let noQueue: string | null = null;
  try {
    queue = await queued(folder);
  } catch (error) {
    if (!(error instanceof ArcletError) || error.code === "interrupted") throw error;
    noQueue = error.message;
  }
  const joined = existsSync(folder.merged);
  const absent = new Set(joined ? [] : folder.absent());
  const shards = folder.numbers.map((shard): ShardState => {
    const status = readStatus(folder.status(shard));
    if (!absent.has(shard)) return { shard, state: "done", status, says: "" };
    const known = { status, job: queue.shards.get(shard), noQueue: noQueue !== null };
    const state = stateOf(known, wasSubmitted(submissions, shard));
    return { shard, state, status, says: saysOf(folder, shard, state, known) };
  });
  return { shards, merges: queue.merges, joined, noQueue };
}

interface Known {
  status: ShardStatus | null;
  job: QueuedJob | undefined;
  noQueue: boolean;
}

function stateOf({ status, job, noQueue }: Known, submitted: boolean): State {
  if (job !== undefined) return /^(RUNNING|COMPLETING|STAGE_OUT)$/.test(job.state) ? "running" : "waiting";
  if (status?.state === "failed") return "failed";
  if (status?.state === "running" && runs(status, noQueue)) return "running";
  if (noQueue && status === null) return submitted ? "waiting" : "absent";
  if (status?.state === "stopped") return "absent";
  return submitted || status !== null ? "gone" : "absent";
}

/** Whether the program that says it makes a shard is there, as far as can be seen from here. */
function runs({ host, pid, job }: ShardStatus, noQueue: boolean): boolean {
  if (job !== null && job !== "") return noQueue; // otherwise the queue would have it
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const wasSubmitted = (submissions: readonly Submission[], shard: number): boolean =>
  submissions.some(({ shards }) => shards.includes(shard));

function saysOf(folder: ShardFolder, shard: number, state: State, { status, job }: Known): string {
  const path = join(folder.logs, `${nameOf(shard)}.log`);
  const log = lastLine(path);
  if (state === "waiting") return job?.why.replace(/^\((.*)\)$/, "$1") ?? "";
  if (state === "failed") return isNewer(path, status) ? log || (status?.reason ?? "") : status!.reason!;
  if (state === "gone")
    return log === ""
      ? "ended without a result, or a word in its log"
      : `ended without a result; its log ends: ${log}`;
  return log;
}

/** ms by which a log's last line may be written after the status that says the same. */
const SAME = 2_000;

/** Whether a log has been written after what the program has said of itself, e.g. on a full disk. */
const isNewer = (log: string, status: ShardStatus | null): boolean =>
  status === null ||
  status.reason === null ||
  (existsSync(log) && statSync(log).mtimeMs > status.updated + SAME);

/** Bytes of a log's end that are read. */
const TAIL = 4096;

/** The last line of a log that is not empty; empty if there is none. */
function lastLine(path: string): string {
  if (!existsSync(path)) return "";
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString("utf8").split(/[\r\n]+/);
    return lines.findLast((line) => line.trim() !== "")?.trim() ?? "";
  } finally {
    closeSync(file);
  }
}
