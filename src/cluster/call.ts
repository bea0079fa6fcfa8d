/** Slurm's programs, called again while the controller is busy. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { duration } from "../foundation/progress.ts";

/** Ways in which Slurm says that the same call may succeed later. */
const BUSY =
  /Socket timed out|Unable to contact slurm controller|temporarily (unavailable|unable)|Zero Bytes were transmitted|Transport endpoint is not connected|Connection refused|slurmdbd.*busy|try again/i;

/** Ways in which Slurm says that a site's limit on a user's jobs is reached (MaxSubmitJobs of an association or QOS). */
const LIMIT = /MaxSubmitJob|job submit limit/i;

/** Seconds between calls. */
const PAUSES = [0.5, 1, 2, 4, 8, 16, 30];
/** Seconds for which calls are repeated, unless the environment says otherwise; a single call that takes longer is ended. */
const PATIENCE = 60;

/** @throws ArcletError for a value that is no number of seconds */
function patience(): number {
  const given = process.env[PATIENCE_VARIABLE];
  if (given === undefined) return PATIENCE;
  const seconds = Number(given);
  if (!(seconds > 0)) refuse(PATIENCE_VARIABLE, "value", "a number of seconds, above 0", given);
  return seconds;
}
const PATIENCE_VARIABLE = "ARCLET_SLURM_PATIENCE";

/**
 * @param before asked before a call is repeated: what it returns is taken for the answer of the call that seemed to fail
 * @returns what the program printed
 * @throws ArcletError when it is not there, refuses, or stays busy; Interrupted
 */
export async function slurmCall(
  program: string,
  args: readonly string[],
  before: () => Promise<string | null> = async () => null,
): Promise<string> {
  const began = performance.now();
  const most = patience();
  for (let tries = 0; ; tries++) {
    if (tries > 0) {
      const answer = await before();
      if (answer !== null) return answer;
    }
    const { code, stdout, stderr } = await once(program, args, most);
    if (code === 0) return stdout;
    if (LIMIT.test(stderr)) throw refusal(program, stderr, "too-large");
    if (code !== null && !BUSY.test(stderr)) throw refusal(program, stderr, "failed");
    const pause = PAUSES[Math.min(tries, PAUSES.length - 1)]!;
    if (performance.now() - began + pause * 1000 > most * 1000) break;
    process.stderr.write(
      `Slurm's controller is busy (${said(stderr)}); ${program} is called again in ${pause} s\n`,
    );
    await sleep(pause * 1000);
    await safePoint("nothing more was submitted");
  }
  throw new ArcletError({
    where: program,
    code: "service",
    problem: `Slurm's controller has not answered for ${duration(most)}`,
    fix: "give the same command later: only what is absent is submitted",
  });
}

function once(
  program: string,
  args: readonly string[],
  most: number,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    // Slurm's own programs repeat some calls themselves, for minutes.
    const impatient = setTimeout(() => child.kill(), most * 1000);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(impatient);
      reject(error.code === "ENOENT" ? noSlurm(program) : error);
    });
    child.on("close", (code) => {
      clearTimeout(impatient);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Slurm's programs are not here. */
const noSlurm = (program: string): ArcletError =>
  new ArcletError({
    where: program,
    code: "machine",
    problem: "is not on this machine, so Slurm can't be asked",
    fix: "--print prints the jobs' scripts for another machine or scheduler, --shards makes the shards here",
  });

const refusal = (program: string, stderr: string, code: "failed" | "too-large"): ArcletError =>
  new ArcletError({ where: program, code, problem: said(stderr) || "failed without a word" });

/** What a program said, on one line. */
function said(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^\w+: (error|fatal): /, "").trim());
  return [...new Set(lines.filter((line) => line !== ""))].join("; ");
}
