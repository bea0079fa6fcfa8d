/** One job of several tasks that work together, as ranks do: a script that starts them all by srun. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { PROGRAM } from "../foundation/command-line.ts";
import { choice, count } from "../foundation/field.ts";
import { guarded, writeFileWhole } from "../foundation/files.ts";
import { slurmCall } from "./call.ts";
import { type SlurmValues, slurmFields } from "./config.ts";
import { jobSettings } from "./options.ts";
import { header, quoted } from "./script.ts";

const { slurm, profile, print } = slurmFields;
const group = "Divided work";

/** Settings of a command that one job's tasks share. */
export const taskFields = {
  on: choice(["here", "slurm"], "who does the work: this program, or a job of Slurm", {
    default: "here",
    group,
  }),
  tasks: count("with Slurm: how many processes work together, as ranks", { default: null, group }),
  slurm,
  profile,
  print: print.meta({
    ...print.meta(),
    description: "with Slurm: print the job's script, and submit nothing",
  }),
};

export type TaskValues = Pick<SlurmValues, "slurm" | "profile" | "print"> & { on: "here" | "slurm" } & {
  tasks: number | null;
};

export interface TaskJob {
  command: string;
  /** The command's words, without those about Slurm. */
  words: readonly string[];
  /** The folder that is made; its log and script are beside it. */
  out: string;
  /** The file that is there once there is something to resume. */
  begun: string;
  tasks: number;
}

/** Before its time limit a job is told: its tasks save, and stop. */
const LEAD = 120;

/** The job's script. Queued again, by Slurm or by the same command, it resumes what is there. */
function taskScript(
  { command, words, out, begun, tasks }: TaskJob,
  name: string,
  values: TaskValues,
): string {
  const { options, setup } = jobSettings(command, values);
  return `#!/bin/bash
${header([
  ["job-name", name],
  ["ntasks", `${tasks}`],
  ["output", `${resolve(out)}.log`],
  ["open-mode", "append"],
  ["chdir", process.cwd()],
  ["requeue", true],
  ...(options.has("signal") ? [] : ([["signal", `TERM@${LEAD}`]] as const)),
  ...options,
])}
cd ${quoted(process.cwd())} || exit 1
${setup.join("\n")}
resume=
[ -e ${quoted(resolve(begun))} ] && resume=--resume
# A task that dies takes the others with it.
exec srun --kill-on-bad-exit=1 ${[process.execPath, PROGRAM, ...words].map(quoted).join(" ")} $resume
`;
}

/**
 * Submits the job; with `print` nothing, and the script is returned.
 *
 * @throws ArcletError for options that Slurm or Arclet refuses, or without Slurm
 */
export async function submitTasks(job: TaskJob, values: TaskValues): Promise<string> {
  const name = `arclet-${job.command}-${randomUUID().slice(0, 8)}`;
  const script = taskScript(job, name, values);
  if (values.print) return script;
  const path = `${resolve(job.out)}.sh`;
  guarded(path, () => mkdirSync(dirname(path), { recursive: true }));
  writeFileWhole(path, script);
  // A call whose answer was lost may have succeeded.
  const before = async () => {
    const found = await slurmCall("squeue", ["--noheader", "--me", `--name=${name}`, "--format=%F"]);
    return found.trim() === "" ? null : found.trim().split("\n")[0]!;
  };
  const answer = await slurmCall("sbatch", ["--parsable", path], before);
  return `${job.out}: job ${answer.trim().split(";")[0]!} of ${job.tasks} tasks; its log is ${job.out}.log`;
}
