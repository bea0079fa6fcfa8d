/**
 * Divided work by several programs on this machine, each of which makes a shard at a time. They are what Slurm's jobs are, and
 * their shards and logs lie where those of jobs lie.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { sentError } from "../foundation/child-error.ts";
import { PROGRAM } from "../foundation/command-line.ts";
import { ArcletError, EXIT, Interrupted } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { interrupted, safePoint } from "../foundation/interrupt.ts";
import { pool } from "../foundation/pool.ts";
import { progress } from "../foundation/progress.ts";
import { nameOf, type ShardFolder } from "../foundation/shards/shard-folder.ts";
import { readStatus } from "../foundation/shards/status.ts";

/** Between two looks at how far the programs are, and at whether the user wants to stop, ms. */
const EVERY = 200;

/** How many shards are made at a time if nothing says so: one a core. */
export const programsHere = (atMost: number | null): number => atMost ?? availableParallelism();

/**
 * Makes the shards that are absent.
 *
 * @param words of the command line, without those about shards
 * @throws ArcletError with a program's own reason when it fails: no further shard is begun then; Interrupted when the user
 *   stops it. What was made is kept
 */
export async function makeByProcesses(
  folder: ShardFolder,
  words: readonly string[],
  atMost: number | null,
): Promise<void> {
  const absent = folder.absent();
  if (absent.length === 0) return;
  const { plan } = folder;
  const programs = Math.min(programsHere(atMost), absent.length);
  guarded(folder.path, () => mkdirSync(folder.logs, { recursive: true }));
  const unitsOf = (shards: readonly number[]) =>
    shards.reduce((sum, shard) => sum + plan.shards[shard - 1]!.to - plan.shards[shard - 1]!.from, 0);
  const missing = new Set(absent);
  const whole = unitsOf(folder.numbers.filter((shard) => !missing.has(shard)));
  const bar = progress(plan.command, plan.units, plan.unit, whole);
  const begun = Date.now();
  let shown = whole;
  const look = setInterval(() => {
    const done = absent.reduce((sum, shard) => sum + madeOf(folder, shard, begun), whole);
    if (done > shown) bar.tick(done - shown);
    shown = Math.max(shown, done);
  }, EVERY);
  try {
    // A shard of a later round waits for those that it goes on from.
    const ready = (shard: number) => folder.neededBy(shard).every((one) => folder.isWhole(one));
    await pool(absent, programs, (shard) => makeOne(folder, shard, words, programs), ready);
  } finally {
    clearInterval(look);
    bar.done();
  }
  await safePoint(`whole shards are kept in ${folder.path}; the same command makes the others`);
}

/** Units of a shard that are made, by what its program of now says. */
function madeOf(folder: ShardFolder, shard: number, begun: number): number {
  const { from, to } = folder.plan.shards[shard - 1]!;
  if (folder.isWhole(shard)) return to - from;
  const status = readStatus(folder.status(shard));
  return status === null || status.updated < begun ? 0 : status.done;
}

function makeOne(
  folder: ShardFolder,
  shard: number,
  words: readonly string[],
  programs: number,
): Promise<void> {
  const log = join(folder.logs, `${nameOf(shard)}.log`);
  const file = guarded(log, () => openSync(log, "a"));
  const { length: shards } = folder.plan.shards;
  const own = [...words, "--on", "here", "--shard", `${shard}/${shards}`];
  const threads = Math.max(1, Math.floor(availableParallelism() / programs));
  // In a group of its own, so that Ctrl-C reaches it once, by us: the second time would end it at once.
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...own], {
    stdio: ["ignore", file, file, "ipc"],
    detached: true,
    env: { ARCLET_THREADS: `${threads}`, ...process.env },
  });
  closeSync(file);
  let reason: string | undefined;
  child.on("message", (message) => {
    reason ??= sentError(message);
  });
  let stopping = false;
  const look = setInterval(() => {
    if (!interrupted() || stopping) return;
    stopping = true;
    child.kill("SIGTERM");
  }, EVERY);
  return new Promise((resolve, reject) => {
    const failed = (problem: string) =>
      reject(
        new ArcletError({
          where: folder.path,
          code: "failed",
          problem: `shard ${shard} of ${shards}: ${problem}`,
          fix: `its log is ${log}`,
        }),
      );
    child.once("error", (error) => failed(error.message));
    child.once("close", (code, signal) => {
      clearInterval(look);
      if (code === 0) resolve();
      else if (code === EXIT.interrupted || stopping)
        reject(new Interrupted(`what was made is kept in ${folder.path}; the same command resumes`));
      else failed(reason ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`));
    });
  });
}
