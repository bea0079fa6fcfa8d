/** Divided work handed to Slurm: an array of the shards that are absent, and a job that joins them afterwards. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { PROGRAM } from "../foundation/command-line.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { listed, runsOf } from "../foundation/shards/numbers.ts";
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";
import { slurmCall } from "./call.ts";
import type { SlurmValues } from "./config.ts";
import { jobSettings } from "./options.ts";
import { queued } from "./queue.ts";
import { arrayScript, mergeScript, quoted } from "./script.ts";
import { recordSubmission } from "./submissions.ts";

export interface HandedOver {
  /** The command's words, without those about shards. */
  words: readonly string[];
  /** Whether a stopped shard is resumed. */
  resumes: boolean;
}

/**
 * Submits what is absent and not in the queue already; with `print` nothing, and the scripts are returned.
 *
 * @returns lines for the user
 * @throws ArcletError for options that Slurm or Arclet refuses, or without Slurm
 */
export async function submit(
  folder: ShardFolder,
  { words, resumes }: HandedOver,
  values: SlurmValues,
): Promise<string[]> {
  const { plan } = folder;
  const settings = jobSettings(plan.command, values);
  const name = `arclet-${plan.command}-${randomUUID().slice(0, 8)}`;
  const about = { name, command: plan.command, folder: resolve(folder.path), cwd: process.cwd(), settings };
  const program = [process.execPath, PROGRAM, ...words, "--on", "here"];
  const shards = plan.shards.length;
  const array = (numbers: readonly number[]) =>
    arrayScript({
      ...about,
      ...{ words: [...program, "--shard"], runs: runsOf(numbers), shards, resumes },
      ...{ atMost: values.atMost, requeue: values.requeue },
    });
  const merge = (after: string | null) =>
    mergeScript({
      ...{ ...about, name: `${name}-merge`, after },
      words: [...program, "--shards", `${shards}`, "--merge"],
    });
  const absent = folder.absent();
  for (const made of [folder.logs, join(folder.path, "status")])
    guarded(folder.path, () => mkdirSync(made, { recursive: true }));
  if (values.print)
    return [
      `${array(absent)}# Afterwards, once: ${[...program, "--shards", `${shards}`, "--merge"].map(quoted).join(" ")}`,
    ];

  const queue = await queued(folder);
  const wanted = absent.filter((shard) => !queue.shards.has(shard));
  const lines: string[] = [];
  let after: string | null = null;
  if (wanted.length > 0) {
    after = await submitted(folder, "array", name, array(wanted));
    recordSubmission(folder, { id: after, kind: "shards", shards: wanted });
    lines.push(`${folder.path}: job ${after} makes ${wanted.length} of ${shards} shards (${listed(wanted)})`);
  } else if (absent.length > 0) {
    return [`${folder.path}: all ${absent.length} absent shards are in the queue already`];
  } else if (queue.merges.length > 0)
    return [`${folder.path}: job ${queue.merges[0]!.id} joins the shards already`];
  const joining = await submitted(folder, "merge", `${name}-merge`, merge(after));
  recordSubmission(folder, { id: joining, kind: "merge", shards: [] });
  lines.push(`${folder.path}: job ${joining} joins them; arclet jobs ${folder.path} shows how far they are`);
  return lines;
}

/** @returns Slurm's number of the job */
async function submitted(folder: ShardFolder, kind: string, name: string, script: string): Promise<string> {
  const path = resolve(folder.path, "scripts", `${kind}-${name}.sh`);
  writeFileWhole(path, script);
  // A call whose answer was lost may have succeeded.
  const before = async () => {
    const found = await slurmCall("squeue", ["--noheader", "--me", `--name=${name}`, "--format=%F"]);
    return found.trim() === "" ? null : found.trim().split("\n")[0]!;
  };
  const answer = await slurmCall("sbatch", ["--parsable", path], before);
  return answer.trim().split(";")[0]!;
}
