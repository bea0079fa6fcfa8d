/** `arclet jobs`: how far divided work is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { slurmCall } from "../cluster/call.ts";
import { progressOf } from "../cluster/progress.ts";
import { queued } from "../cluster/queue.ts";
import { type ShardState, type State, type WorkState, workState } from "../cluster/shard-state.ts";
import { count, text, yes } from "../foundation/field.ts";
import { runsOf } from "../foundation/shards/numbers.ts";
import { PLAN_FILE } from "../foundation/shards/plan.ts";
import { ShardFolder, shardsBeside } from "../foundation/shards/shard-folder.ts";
import { command } from "./command.ts";

const schema = z.strictObject({
  folder: text("the folder of shards, or what they will be joined in"),
  lines: count("at most so many shards of each kind, with the last line of their logs", { default: 20 }),
  cancel: yes("cancel the jobs that are in the queue; whole shards stay"),
});

export const jobs = command({
  details:
    "Says how many shards are done, running, waiting, failed, gone (the job has ended without a result) or absent, how fast " +
    "they are made, and how long the rest will take. Files say what is done; only what waits or runs is asked of Slurm.",
  schema,
  positionals: ["folder"],
  example: "arclet simulate data/parts --count 12 --size 32 --shard 1/2\n  arclet jobs data/parts",
  async run({ folder: path, lines, cancel }) {
    const folder = ShardFolder.open(existsSync(join(path, PLAN_FILE)) ? path : shardsBeside(path));
    if (cancel) console.log(await cancelled(folder));
    const state = await workState(folder);
    for (const line of report(folder, state, lines)) console.log(line);
  },
});

async function cancelled(folder: ShardFolder): Promise<string> {
  const { shards, merges } = await queued(folder);
  const ids = [...new Set([...shards.values(), ...merges].map(({ id }) => id.split("_")[0]!))];
  if (ids.length === 0) return `${folder.path}: no job of it is in the queue`;
  await slurmCall("scancel", ids);
  return `${folder.path}: cancelled ${ids.join(", ")}; what is whole stays, and the same command submits the rest`;
}

const STATES: readonly State[] = ["done", "running", "waiting", "failed", "gone", "absent"];

function report(folder: ShardFolder, state: WorkState, most: number): string[] {
  const { plan, path } = folder;
  const { shards, joined, merges, noQueue } = state;
  const of = (kind: State) => shards.filter((one) => one.state === kind);
  const counts = STATES.filter((kind) => of(kind).length > 0).map((kind) => `${of(kind).length} ${kind}`);
  const end = joined ? `, joined in ${plan.out}` : "";
  const lines = [`${path}: arclet ${plan.command}, ${shards.length} shards: ${counts.join(", ")}${end}`];
  if (noQueue !== null) lines.push(`Slurm's queue is not known (${noQueue}): this is what files say`);
  for (const kind of ["running", "failed", "gone"] as const) {
    for (const one of of(kind).slice(0, most)) lines.push(`  ${shardLine(one)}`);
    if (of(kind).length > most) lines.push(`  and ${of(kind).length - most} more ${kind}`);
  }
  const waiting = of("waiting").map(({ shard }) => shard);
  if (waiting.length > 0) lines.push(`  waiting: ${runsOf(waiting).slice(0, most).join(", ")}`);
  for (const { id, state: now, why } of merges)
    lines.push(`  job ${id} joins them: ${now.toLowerCase()} ${why}`);
  const { done, units, rate, left } = progressOf(folder, shards);
  if (!joined && rate !== null)
    lines.push(`${done}/${units} ${plan.unit}, ${rate.toPrecision(3)}/s, ${timeText(left!)} left`);
  if (of("failed").length + of("gone").length > 0)
    lines.push("the same command again makes, or submits to Slurm, the absent shards alone");
  return lines;
}

function shardLine({ shard, state, status, says }: ShardState): string {
  const far =
    state === "running" && status !== null ? ` ${status.done}/${status.units} on ${status.host}` : "";
  return `shard ${shard} ${state}${far}${says === "" ? "" : `: ${says}`}`;
}

/** `2 h 5 min`, `40 s` */
function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
