/** Divided work handed to Slurm: arrays of the shards that are absent, and a job that joins them afterwards. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { PROGRAM } from "../foundation/command-line.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { listed, runsOf } from "../foundation/shards/numbers.ts";
import type { ShardFolder } from "../foundation/shards/shard-folder.ts";
import { arraysOf, highestInArray, type ShardArray } from "./arrays.ts";
import { slurmCall } from "./call.ts";
import type { SlurmValues } from "./config.ts";
import { jobSettings } from "./options.ts";
import { jobOf, type Queue, queued } from "./queue.ts";
import { arrayScript, mergeScript, quoted } from "./script.ts";
import { recordSubmission, submissionsOf } from "./submissions.ts";

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
  handed: HandedOver,
  values: SlurmValues,
): Promise<string[]> {
  const scripts = scriptsOf(folder, handed, values);
  const absent = folder.absent();
  for (const made of [folder.logs, join(folder.path, "status")])
    guarded(folder.path, () => mkdirSync(made, { recursive: true }));
  if (values.print) return [printed(folder, scripts, absent)];

  const queue = await queued(folder);
  const wanted = absent.filter((shard) => !queue.shards.has(shard));
  const waited = [...queue.shards.values()].map(jobOf);
  if (wanted.length === 0 && queue.merges.length > 0)
    return absent.length > 0
      ? [`${folder.path}: all ${absent.length} absent shards are in the queue already`]
      : [`${folder.path}: job ${queue.merges[0]!.id} joins the shards already`];
  const arrays = wanted.length === 0 ? [] : arraysOf(folder, wanted, await highestInArray());
  const made = await submitAll(folder, arrays, queue, scripts, values.atMost);
  const left = wanted.filter((shard) => !made.shards.includes(shard));
  if (left.length > 0) return [...made.lines, leftLine(folder, left)];
  const merge = scripts.merge([...new Set([...waited, ...made.ids])]);
  try {
    const joining = await submitted(folder, "merge", `${scripts.name}-merge`, merge);
    recordSubmission(folder, { id: joining, kind: "merge", shards: [] });
    const far = `arclet jobs ${folder.path} shows how far they are`;
    return [...made.lines, `${folder.path}: job ${joining} joins them; ${far}`];
  } catch (error) {
    if (!isLimit(error)) throw error;
    return [...made.lines, leftLine(folder, [])];
  }
}

type Scripts = ReturnType<typeof scriptsOf>;

function scriptsOf(folder: ShardFolder, { words, resumes }: HandedOver, values: SlurmValues) {
  const { plan } = folder;
  const settings = jobSettings(plan.command, values);
  const name = `arclet-${plan.command}-${randomUUID().slice(0, 8)}`;
  const about = { command: plan.command, folder: resolve(folder.path), cwd: process.cwd(), settings };
  const program = [process.execPath, PROGRAM, ...words, "--on", "here"];
  const shards = plan.shards.length;
  const ended = submissionsOf(folder);
  const mergeWords = [...program, "--shards", `${shards}`, "--merge"];
  return {
    name,
    mergeWords,
    array: ({ shards: numbers, offset }: ShardArray, own: string, after: readonly string[]) =>
      arrayScript({
        ...{ ...about, name: own, after, offset, ended: ended.filter(({ kind }) => kind === "shards") },
        ...{ words: [...program, "--shard"], shards, resumes },
        runs: runsOf(numbers.map((shard) => shard - offset)),
        ...{ atMost: values.atMost, requeue: values.requeue },
      }),
    merge: (after: readonly string[]) =>
      mergeScript({
        ...{ ...about, name: `${name}-merge`, after, words: mergeWords },
        ended: ended.filter(({ kind }) => kind === "merge"),
      }),
  };
}

/** A script for any scheduler, with what it can't say itself. */
function printed(
  folder: ShardFolder,
  { array, name, mergeWords }: Scripts,
  absent: readonly number[],
): string {
  const rounds = arraysOf(folder, absent, Number.MAX_SAFE_INTEGER).filter(({ needed }) => needed.length > 0);
  const order = rounds.map(
    ({ shards, needed }) =>
      `# Shards ${runsOf(shards).join(", ")} go on from what ${listed(needed)} make: these first.\n`,
  );
  const script = array({ shards: absent, offset: 0, needed: [] }, name, []);
  return `${script}${order.join("")}# Afterwards, once: ${mergeWords.map(quoted).join(" ")}`;
}

/**
 * Submits arrays, as much of them as the site accepts.
 *
 * @returns Slurm's numbers of the jobs, and their shards
 */
async function submitAll(
  folder: ShardFolder,
  arrays: readonly ShardArray[],
  queue: Queue,
  scripts: Scripts,
  atMost: number | null,
): Promise<{ ids: string[]; shards: number[]; lines: string[] }> {
  const made: { id: string; shards: readonly number[] }[] = [];
  const jobsOf = (shards: readonly number[]) => [
    ...made.filter((one) => one.shards.some((shard) => shards.includes(shard))).map(({ id }) => id),
    ...shards.flatMap((shard) => queue.shards.get(shard) ?? []).map(jobOf),
  ];
  const lines: string[] = [];
  const all = folder.plan.shards.length;
  for (const array of arrays) {
    let rest = array.shards;
    for (let size = rest.length; rest.length > 0; ) {
      const some = { ...array, shards: rest.slice(0, size) };
      // --at-most is of one array: several take turns.
      const before = atMost === null ? [] : made.slice(-1).map(({ id }) => id);
      const after = [...new Set([...jobsOf(array.needed), ...before])];
      const name = `${scripts.name}-${made.length + 1}`;
      try {
        const id = await submitted(folder, "array", name, scripts.array(some, name, after));
        recordSubmission(folder, { id, kind: "shards", shards: [...some.shards], offset: some.offset });
        made.push({ id, shards: some.shards });
        lines.push(
          `${folder.path}: job ${id} makes ${some.shards.length} of ${all} shards (${listed(some.shards)})`,
        );
        rest = rest.slice(size);
      } catch (error) {
        if (!isLimit(error) || (size === 1 && made.length === 0)) throw error;
        size = Math.floor(Math.min(size, rest.length) / 2);
        if (size === 0)
          return { ids: made.map(({ id }) => id), shards: made.flatMap((one) => one.shards), lines };
      }
    }
  }
  return { ids: made.map(({ id }) => id), shards: made.flatMap((one) => one.shards), lines };
}

/** Whether a site accepts no more jobs for now. */
const isLimit = (error: unknown): boolean => error instanceof ArcletError && error.code === "too-large";

const leftLine = ({ path }: ShardFolder, left: readonly number[]): string => {
  const what = left.length === 0 ? "" : `${left.length} shards (${listed(left)}) and `;
  return `${path}: the site accepts no more of your jobs for now: ${what}the job that joins them are left; the same command again, once some have ended, submits them`;
};

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
