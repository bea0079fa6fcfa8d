/** Which of several processes this one is: by torchrun's variables, or by those of Slurm's srun. */
import { ArcletError, refuse } from "../../foundation/errors.ts";

export interface AskedRanks {
  readonly rank: number;
  readonly size: number;
  /** Number among the ranks of this machine: its GPU. */
  readonly localRank: number;
  /** Ranks of this machine; null if unknown. */
  readonly localSize: number | null;
  /** Where rank 0 can be reached. */
  readonly host: string;
  readonly port: number;
  /** The variable that says so, for errors. */
  readonly hostFrom: string;
  readonly portFrom: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The process's place, or null for a process alone. torchrun's variables (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT,
 * LOCAL_RANK) go before Slurm's.
 *
 * @throws ArcletError when a variable is missing or no number, or a rank is not below the number of ranks
 */
export function askedRanks(environment: Environment): AskedRanks | null {
  const asked =
    environment.RANK !== undefined || environment.WORLD_SIZE !== undefined
      ? ofTorchrun(environment)
      : ofSlurm(environment);
  if (asked === null || asked.size === 1) return null;
  if (asked.rank >= asked.size)
    refuse("train", "the rank", `below the number of ranks, ${asked.size}`, asked.rank);
  return asked;
}

/** An environment for a program that trains alone, though the one that starts it may be one of several. */
export function alone(environment: Environment): Record<string, string | undefined> {
  const { RANK: _, WORLD_SIZE: __, SLURM_STEP_NUM_TASKS: ___, ...own } = environment;
  return own;
}

function ofTorchrun(environment: Environment): AskedRanks {
  const [rank, size] = [whole(environment, "RANK", 0), whole(environment, "WORLD_SIZE", 1)];
  const single = size === 1;
  return {
    rank,
    size,
    localRank: environment.LOCAL_RANK === undefined ? rank : whole(environment, "LOCAL_RANK", 0),
    localSize: environment.LOCAL_WORLD_SIZE === undefined ? null : whole(environment, "LOCAL_WORLD_SIZE", 1),
    host: single ? "" : given(environment, "MASTER_ADDR"),
    port: single ? 0 : portOf(environment),
    hostFrom: "MASTER_ADDR",
    portFrom: "MASTER_PORT",
  };
}

/** srun sets SLURM_STEP_NUM_TASKS; a batch script by itself has the job's variables, but is one process. */
function ofSlurm(environment: Environment): AskedRanks | null {
  if (environment.SLURM_STEP_NUM_TASKS === undefined) return null;
  const size = whole(environment, "SLURM_STEP_NUM_TASKS", 1);
  if (size === 1) return null;
  const nodes = environment.SLURM_STEP_NODELIST ?? given(environment, "SLURM_JOB_NODELIST");
  const of = environment.SLURM_STEP_NUM_NODES ?? environment.SLURM_NNODES ?? "1";
  return {
    rank: whole(environment, "SLURM_PROCID", 0),
    size,
    localRank: whole(environment, "SLURM_LOCALID", 0),
    localSize: of === "1" ? size : null,
    host: environment.MASTER_ADDR ?? firstHost(nodes),
    port: environment.MASTER_PORT === undefined ? portOfJob(environment) : portOf(environment),
    hostFrom: environment.MASTER_ADDR === undefined ? "SLURM_STEP_NODELIST" : "MASTER_ADDR",
    portFrom: environment.MASTER_PORT === undefined ? "the port of the job" : "MASTER_PORT",
  };
}

/** The first host of Slurm's short form: `gpu[003-007,12],login` is `gpu003`. */
export function firstHost(nodes: string): string {
  const [, before = "", list, after = ""] = /^([^[,]*)(?:\[([^\]]*)\])?([^,]*)/.exec(nodes) ?? [];
  return list === undefined ? before : before + (/^\d+/.exec(list)?.[0] ?? "") + after;
}

/** Below the ports that systems give to clients, and another for each step of a job. */
const [FIRST_PORT, PORTS] = [20_000, 12_000];
function portOfJob(environment: Environment): number {
  const [job, step] = [environment.SLURM_JOB_ID, environment.SLURM_STEP_ID].map((id) => Number(id) || 0);
  return FIRST_PORT + ((job! * 7 + step!) % PORTS);
}

const portOf = (environment: Environment): number => {
  const port = whole(environment, "MASTER_PORT", 1);
  if (port > 65_535) refuse("train", "MASTER_PORT", "a port, at most 65535", port);
  return port;
};

function given(environment: Environment, name: string): string {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  throw new ArcletError({
    where: "train",
    code: "missing",
    problem: `${name} must be given, as one of several processes (RANK and WORLD_SIZE are)`,
    fix: "torchrun sets them all: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT",
  });
}

function whole(environment: Environment, name: string, least: number): number {
  const text = given(environment, name);
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least) refuse("train", name, `a whole number from ${least}`, text);
  return number;
}
