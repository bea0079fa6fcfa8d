/** Runs a benchmark's jobs, each in its own process: a job is a JSON file, its result another one beside the run. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { ArcletError } from "../src/foundation/errors.ts";

export interface Job {
  /** Folder of the run; `OUT.result.json` is written when it is done. */
  out: string;
  /** Folder of the job that must be done first. */
  after?: string;
}

export const resultFile = (job: Job): string => `${job.out}.result.json`;

export const readResult = <R>(job: Job): R | null =>
  existsSync(resultFile(job)) ? (JSON.parse(readFileSync(resultFile(job), "utf8")) as R) : null;

/** Runs the jobs without a result, `workers` at a time, in order; a job with `after` runs once that job is done. */
export async function runJobs(script: string, jobs: readonly Job[], workers: number): Promise<void> {
  const waiting = jobs.filter((job) => readResult(job) === null);
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const started = performance.now();
  let done = 0;
  const next = (): Job | undefined => {
    const ready = waiting.findIndex(({ after }) => after === undefined || existsSync(`${after}.result.json`));
    return ready < 0 ? undefined : waiting.splice(ready, 1)[0];
  };
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let job = next(); job !== undefined; job = next()) {
        const summary = await runOne(script, job, threads);
        done++;
        const left = ((performance.now() - started) / done / 60_000) * waiting.length;
        console.log(`${summary} (${waiting.length} left, about ${left.toFixed(0)} min)`);
      }
    }),
  );
  if (waiting.length > 0) await runJobs(script, jobs, workers);
}

/** @returns the last line that the run prints */
function runOne(script: string, job: Job, threads: number): Promise<string> {
  mkdirSync(join(job.out, ".."), { recursive: true });
  const file = `${job.out}.job.json`;
  writeFileSync(file, JSON.stringify(job));
  const env = { ...process.env, ARCLET_THREADS: String(threads) };
  return new Promise((resolve, reject) => {
    const args = ["--import", "tsx", script, file];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let [text, errors] = ["", ""];
    child.stdout.on("data", (part) => {
      text += part;
    });
    child.stderr.on("data", (part) => {
      errors += part;
    });
    child.on("close", (code) => {
      if (code === 0) resolve(text.trim().split("\n").pop() ?? "");
      else
        reject(
          new ArcletError({
            where: basename(job.out),
            code: "failed",
            problem: `ended with ${code}
${errors.slice(-2000)}`,
          }),
        );
    });
  });
}

/** The job given to this process. */
export const givenJob = <J extends Job>(): J => JSON.parse(readFileSync(process.argv[2]!, "utf8")) as J;

/** `0.812 ± 0.004`: mean and deviation. */
export function over(values: readonly number[], digits: number): string {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return `${mean.toFixed(digits)} ± ${sd.toFixed(digits)}`;
}
