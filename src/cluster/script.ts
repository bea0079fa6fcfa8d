/** The scripts of Slurm's jobs: one for all shards, as an array, and one that joins them. They also run without Slurm. */
import { EXIT } from "../foundation/errors.ts";
import type { JobSettings } from "./options.ts";
import type { Submission } from "./submissions.ts";

/** Seconds before its time limit at which a job is told; `signal=` among the options overrides it. */
const LEAD = 120;
/** Slurm may send a signal this much earlier than asked (sbatch(1), --signal), and the clocks may differ. */
const EARLY = 75;
/** How often a shard may reach its time limit: what was made is kept each time, if the command can resume it. */
const MOST_LIMITS = { resumes: 50, "starts again": 1 } as const;
/** How long a job that was told to end waits for its end, s: a grace time of Slurm's is not longer. */
const LINGER = 600;
/** Options that only the shards need. */
const SHARDS_ONLY = /^(gres|gpus|gpus-per-.*|cpus-per-gpu|mem-per-gpu|exclusive|signal)$/;

export interface ArrayJob {
  name: string;
  /** The command, e.g. `simulate`. */
  command: string;
  /** The folder of shards. */
  folder: string;
  /** Where the command was typed. */
  cwd: string;
  /** The command line that makes the shard whose number follows: program and words, with `--shard` as the last. */
  words: readonly string[];
  /** The numbers of the jobs, as runs: `1`, `5-7`. */
  runs: readonly string[];
  /** What is added to a job's number for its shard's. */
  offset: number;
  shards: number;
  /** Jobs that must end before. */
  after: readonly string[];
  /** Jobs that were submitted earlier for the same, and have ended. */
  ended: readonly Pick<Submission, "id" | "offset">[];
  atMost: number | null;
  requeue: boolean;
  resumes: boolean;
  settings: JobSettings;
}

/** A word for bash. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The script that makes one shard, whose number the scheduler gives it. */
export function arrayScript(job: ArrayJob): string {
  const { name, command, folder, cwd, words, runs, offset, shards, atMost, requeue, resumes, settings } = job;
  const lead = Number(/@(\d+)$/.exec(String(settings.options.get("signal") ?? ""))?.[1] ?? LEAD);
  const most = MOST_LIMITS[resumes ? "resumes" : "starts again"];
  return `#!/bin/bash
${header([
  ["job-name", name],
  ["array", runs.join(",") + (atMost === null ? "" : `%${atMost}`)],
  ...dependency(job.after),
  ["output", offset === 0 ? `${folder}/logs/%4a.log` : `${folder}/logs/array-%A-%4a.log`],
  ["open-mode", "append"],
  ["chdir", cwd],
  [requeue ? "requeue" : "no-requeue", true],
  ...(settings.options.has("signal") ? [] : ([["signal", `B:USR1@${LEAD}`]] as const)),
  ...settings.options,
])}
# A shard of arclet ${command}, in ${folder}. Another scheduler runs this script once a shard, with the
# shard's number (1 to ${shards}) in its own variable, or as the only argument.
shard=\${SLURM_ARRAY_TASK_ID:-\${SGE_TASK_ID:-\${PBS_ARRAY_INDEX:-\${LSB_JOBINDEX:-$1}}}}
${offset === 0 ? "" : numbered(folder, offset)}cd ${quoted(cwd)} || exit 1
${BEGIN}
${endedJobs(job.ended.map((one) => `slurm:${one.id}_$((shard-${one.offset}))`))}
# When the time limit ends this job. Asked at its start, since a preempted job's end is moved.
end=\${SLURM_JOB_END_TIME:-}
if [ -z "$end" ] && [ -n "\${SLURM_JOB_ID:-}" ]; then
  end=$(date -d "$(squeue -h -j "$SLURM_JOB_ID" -o %e)" +%s 2>/dev/null)
fi

why=
stop() {
  [ -n "$why" ] && return
  why=$1
  if [ "$why" = told ]; then
    # The same signal comes before the time limit and at preemption: the clock tells them apart.
    if [ -n "$end" ] && [ $((end - $(date +%s))) -le ${lead + EARLY} ]; then why=limit; else why=preempted; fi
  fi
  echo "job: shard $shard stops ($why)"
  [ -n "$work" ] && kill -TERM "$work" 2>/dev/null
}
work=
trap 'stop told' USR1
trap 'stop ended' TERM
${settings.setup.join("\n")}

code=${EXIT.interrupted}
if [ -z "$why" ]; then
  ${words.map(quoted).join(" ")} "$shard/${shards}" &
  work=$!
  wait "$work"
  code=$?
  # A signal ends the waiting, not the work; once that has ended, its code can be asked again, or (127) was given.
  while [ "$code" -gt 128 ] && [ "$code" -ne ${EXIT.interrupted} ]; do
    wait "$work"
    again=$?
    [ "$again" -eq 127 ] && break
    [ "$again" -eq "$code" ] && ! kill -0 "$work" 2>/dev/null && break
    code=$again
  done
fi
[ "$code" -ge 0 ] && [ "$code" -lt 128 ] && exit "$code" # below 0: bash has lost it
[ -z "$why" ] && exit "$code"
${requeue ? again(folder, most) : 'exit "$code"'}
`;
}

/** A shard's number beyond those of an array, and its log. */
const numbered = (folder: string, offset: number): string => `shard=$((shard + ${offset}))
exec >>${quoted(`${folder}/logs`)}/$(printf %04d "$shard").log 2>&1
`;

const dependency = (after: readonly string[]): (readonly [string, string])[] =>
  after.length === 0 ? [] : [["dependency", `afterany:${after.join(":")}`]];

/** Whose locks count no more: the machine that such a job ran on may have died with them. */
const endedJobs = (names: readonly string[]): string => `export ARCLET_ENDED_JOBS="${names.join(" ")}"`;

/** Lines that every job begins with. */
const BEGIN = `job=\${SLURM_JOB_ID:+slurm $SLURM_JOB_ID}
export ARCLET_JOB="\${SLURM_ARRAY_JOB_ID:+slurm \${SLURM_ARRAY_JOB_ID}_\${shard:-}}"
export ARCLET_JOB="\${ARCLET_JOB:-$job}"
if [ -z "\${ARCLET_THREADS:-}" ] && [ -n "\${SLURM_CPUS_ON_NODE:-}" ]; then
  export ARCLET_THREADS=$SLURM_CPUS_ON_NODE
fi`;

/** What a stopped shard does to be made later. */
const again = (folder: string, most: number): string => `
if [ "$why" = ended ]; then
  # Cancelled, or preempted by a Slurm that says no more: it ends this job itself, and queues it again if it was preempted.
  trap '' TERM
  for _ in $(seq ${LINGER}); do sleep 1; done
  exit "$code"
fi
if [ "$why" = limit ]; then
  limits=${quoted(`${folder}/status`)}/$(printf %04d "$shard").limits
  echo >>"$limits"
  if [ "$(wc -l <"$limits")" -gt ${most} ]; then
    echo "job: shard $shard does not end within its time limit: give it more time, or the work more shards"
    exit "$code"
  fi
fi
# Once: an error here means that Slurm has queued it already.
[ -n "\${SLURM_JOB_ID:-}" ] && exec scontrol requeue "$SLURM_JOB_ID"
exit "$code"`;

export interface MergeJob extends Pick<ArrayJob, "name" | "folder" | "cwd" | "settings" | "after" | "ended"> {
  /** Program and words that join the shards. */
  words: readonly string[];
}

/** The script that joins the shards, whether all are there or not. */
export function mergeScript({ name, folder, cwd, words, after, ended, settings }: MergeJob): string {
  const options = [...settings.options].filter(([option]) => !SHARDS_ONLY.test(option));
  return `#!/bin/bash
${header([
  ["job-name", name],
  ...dependency(after),
  ["output", `${folder}/logs/merge.log`],
  ["open-mode", "append"],
  ["chdir", cwd],
  ["requeue", true],
  ...options,
])}
cd ${quoted(cwd)} || exit 1
${BEGIN}
${endedJobs(ended.map(({ id }) => `slurm:${id}`))}
${settings.setup.join("\n")}
exec ${words.map(quoted).join(" ")}
`;
}

/** Lines that sbatch reads. */
export const header = (options: readonly (readonly [string, string | true])[]): string =>
  options
    .map(([name, value]) => `#SBATCH --${name}${value === true ? "" : `=${inHeader(value)}`}`)
    .join("\n");

/** sbatch reads quotes and backslashes in these lines much as a shell does. */
const inHeader = (value: string): string =>
  /^[\w@%+=:,./*|&!()[\]{}-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
