/** The settings of work that Slurm's jobs do. */
import { choice, count, text, texts, yes } from "../foundation/field.ts";

const group = "Divided work";
const PLACES = ["here", "processes", "slurm"] as const;

export const slurmFields = {
  on: choice(PLACES, "who makes the shards: this program, several on this machine, or jobs of Slurm", {
    default: "here",
    group,
  }),
  atMost: count(
    "how many shards are made at a time: by processes (none: one a core), or by Slurm (none: all)",
    { default: null, group },
  ),
  slurm: texts(
    "options of sbatch, KEY=VALUE: account=lenses,partition=gpu,gres=gpu:1,time=4:00:00 (a comma in a value is \\,)",
    { default: null, group },
  ),
  profile: text(
    "a YAML file of a site's options of sbatch, one a line, and of shell lines that each job begins with (setup); --slurm overrides it",
    { default: null, group },
  ),
  requeue: yes("with Slurm: queue a shard again that is preempted, or stopped by the time limit", {
    default: true,
    group,
  }),
  print: yes("with Slurm: print the jobs' scripts, and submit nothing", { group }),
};

/** Values of `slurmFields`. */
export interface SlurmValues {
  on: (typeof PLACES)[number];
  atMost: number | null;
  slurm: readonly string[] | null;
  profile: string | null;
  requeue: boolean;
  print: boolean;
}
