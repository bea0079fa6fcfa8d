/** A Slurm of one's own: munge, a controller and some nodes, all on this machine, in a scratch folder that goes with them. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian: `apt-get install slurm-wlm munge`. */
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch"];

/** Where daemons are, which a user's PATH need not have. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

export const hasSlurm = PROGRAMS.every(
  (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: { PATH } }).status === 0,
);

export interface ScratchSlurm {
  /** For programs that are to find it. */
  readonly env: Record<string, string>;
  /** What one of Slurm's programs prints. */
  ask(program: string, ...args: string[]): string;
  /** Kills a node's daemon and all that runs on it, as a machine dies. */
  kill(node: string): void;
  /** Ends the controller, as for an upgrade. */
  stopController(): Promise<void>;
  startController(): void;
  /** Lets jobs that were queued again start at once, which wait for two minutes otherwise. @returns how many jobs are in the queue */
  hurry(): number;
  stop(): Promise<void>;
}

/**
 * Starts it: partition `low` (the default), whose jobs `high` preempts; nodes `n1`, `n2`, … of one processor each.
 *
 * @param settings further lines of slurm.conf
 * @throws when the daemons don't come up, with the controller's log
 */
export async function scratchSlurm(nodes: number, settings: readonly string[] = []): Promise<ScratchSlurm> {
  const folder = mkdtempSync(join(tmpdir(), "arclet-slurm-"));
  const names = Array.from({ length: nodes }, (_, k) => `n${k + 1}`);
  const ports = await freePorts(nodes + 1);
  const conf = join(folder, "slurm.conf");
  const env = { SLURM_CONF: conf, PATH };
  writeFileSync(conf, configuration(folder, names, ports) + settings.map((line) => `${line}\n`).join(""));
  mkdirSync(join(folder, "state"));
  for (const name of names) mkdirSync(join(folder, "spool", name), { recursive: true });
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(128), { mode: 0o600 });
  chmodSync(folder, 0o755); // munge refuses sockets that others can't reach
  const at = (name: string) => join(folder, name);
  const start = (program: string, ...args: string[]) =>
    spawn(program, args, { env: { ...process.env, ...env }, stdio: "ignore" });
  const munge = ["--key-file", key, "--socket", at("munge.sock"), "--pid-file", at("munged.pid")];
  const munged = start(
    "munged",
    "-F",
    "--force",
    ...munge,
    "--log-file",
    at("munged.log"),
    "--seed-file",
    at("seed"),
  );
  await until(() => existsSync(at("munge.sock")), "munged");
  let controller = start("slurmctld", "-D", "-c", "-f", conf);
  const daemons = new Map(names.map((name) => [name, start("slurmd", "-D", "-N", name, "-f", conf)]));
  const ask = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8", env: { ...process.env, ...env }, stdio: "pipe" });
  const kill = (name: string) => {
    daemons.get(name)?.kill("SIGKILL");
    for (const pid of processesOn(conf, name)) endProcess(pid);
  };
  const hurry = () => {
    const jobs = ask("squeue", "-h", "-r", "-o", "%i %r")
      .split("\n")
      .filter((line) => line !== "");
    // It may have started meanwhile.
    for (const job of jobs.filter((line) => line.endsWith(" BeginTime")))
      spawnSync("scontrol", ["update", `JobId=${job.split(" ")[0]}`, "StartTime=now"], {
        env: { ...process.env, ...env },
      });
    return jobs.length;
  };
  const stop = async () => {
    for (const name of names) kill(name);
    await Promise.all([controller, munged].map(ended));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until(() => {
      const answer = spawnSync("sinfo", ["-h", "-p", "low", "-t", "idle", "-o", "%D"], {
        env,
        encoding: "utf8",
      });
      return answer.stdout?.trim() === String(nodes);
    }, at("slurmctld.log"));
  } catch (error) {
    await stop();
    throw error;
  }
  const stopController = () => ended(controller);
  const startController = () => {
    controller = start("slurmctld", "-D", "-f", conf);
  };
  return { env, ask, kill, hurry, stop, stopController, startController };
}

function configuration(folder: string, names: readonly string[], ports: readonly number[]): string {
  const { username } = userInfo();
  const host = hostname();
  const nodes = names.map(
    (name, k) =>
      `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[k + 1]} CPUs=1 RealMemory=500 State=UNKNOWN`,
  );
  return `ClusterName=scratch
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=${username}
SlurmdUser=${username}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.sock
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1,requeue_setup_env_fail
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=10
MailProg=/bin/true
TCPTimeout=5
${nodes.join("\n")}
PartitionName=low Nodes=${names.join(",")} Default=YES PriorityTier=1 State=UP GraceTime=20
PartitionName=high Nodes=${names.join(",")} PriorityTier=10 PreemptMode=OFF State=UP
`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Processes of jobs on a node of this Slurm, and those that watch them. */
function processesOn(conf: string, node: string): number[] {
  const found = new Set<number>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (!environment.includes(`SLURM_CONF=${conf}`) || !environment.includes(`SLURMD_NODENAME=${node}`))
        continue;
      found.add(Number(name));
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (/slurmstepd/.test(readFileSync(`/proc/${parent}/cmdline`, "utf8"))) found.add(parent);
    } catch {
      // ended meanwhile
    }
  }
  return [...found];
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ended meanwhile
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

/** Waits until something is so. @param log shown if it never is */
export async function until(isSo: () => boolean, log: string, seconds = 120): Promise<void> {
  for (let tries = 0; tries < seconds * 5; tries++) {
    if (isSo()) return;
    await sleep(200);
  }
  throw new Error(existsSync(log) ? readFileSync(log, "utf8").slice(-4000) : `${log}: never came`);
}
