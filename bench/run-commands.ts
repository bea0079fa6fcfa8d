/**
 * Runs a plan of commands side by side, in the plan's order, each once what it waits for is done. The same call goes on where
 * it was: what is done has a file `NAME.done` in the state folder, beside its log. A command that fails ends nothing but what waits
 * for it.
 *
 *   run-commands.ts PLAN.json STATE WORKERS [SECONDS]     SECONDS: stop then, whatever is running
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Step {
  readonly name: string;
  /** Steps that must be done first. */
  readonly after?: readonly string[];
  /** A line of bash. */
  readonly run: string;
}

const [plan, state, workers, seconds = "1e9"] = process.argv.slice(2) as [string, string, string, string?];
const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
const waiting: Step[] = JSON.parse(readFileSync(plan, "utf8"));
const running = new Set<ChildProcess>();
const failed = new Set<string>();
mkdirSync(state, { recursive: true });

const doneFile = (name: string): string => join(state, `${name}.done`);
const isDone = (name: string): boolean => existsSync(doneFile(name));

/** The first step that can run now; those that wait for a failed one leave with it. */
function next(): Step | undefined {
  for (const step of [...waiting]) {
    const { name, after = [] } = step;
    const never = after.some((other) => failed.has(other));
    if (never) failed.add(name);
    if (never || isDone(name)) waiting.splice(waiting.indexOf(step), 1);
  }
  const ready = waiting.findIndex(({ after = [] }) => after.every(isDone));
  return ready < 0 ? undefined : waiting.splice(ready, 1)[0];
}

function execute({ name, run }: Step): Promise<void> {
  const log = openSync(join(state, `${name}.log`), "a");
  const begun = elapsed();
  // A group of its own, so that a stop reaches all that it has started.
  const child = spawn("bash", ["-euo", "pipefail", "-c", run], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  running.add(child);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      running.delete(child);
      if (code === 0) writeFileSync(doneFile(name), `${(elapsed() - begun).toFixed(1)}\n`);
      else failed.add(name);
      console.log(
        `${elapsed().toFixed(0)} s: ${name} ${code === 0 ? "done" : `FAILED (${code})`} in ${(elapsed() - begun).toFixed(0)} s`,
      );
      resolve();
    });
  });
}

async function worker(): Promise<void> {
  for (;;) {
    const step = next();
    if (step !== undefined) await execute(step);
    else if (waiting.length === 0) return;
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const stop = setTimeout(
  () => {
    console.log(`${elapsed().toFixed(0)} s: time is up, ${waiting.length} never began`);
    for (const { pid } of running) process.kill(-pid!, "SIGKILL");
    process.exit(3);
  },
  Math.min(Number(seconds) * 1000, 2 ** 31 - 1),
);
await Promise.all(Array.from({ length: Number(workers) }, worker));
clearTimeout(stop);
process.exitCode = failed.size > 0 ? 1 : 0;
