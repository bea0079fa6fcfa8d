/** A command of Arclet as a process of its own, whose output goes into a log and is shown while it runs. */
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { sentError } from "../../foundation/child-error.ts";
import { line, PROGRAM } from "../../foundation/command-line.ts";
import { EXIT } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";

/** Lines that are shown. */
const SHOWN = 12;
/** Characters of a line that are shown. */
const LONGEST = 400;

export interface RunningCommand {
  /** The last lines that it printed. */
  readonly lines: string[];
  /** Resolves to why it failed: empty if it did not, `interrupted` if it was stopped. */
  readonly ended: Promise<string>;
  /** Asks it to save and stop; the second time it is ended at once. */
  stop(): void;
}

/**
 * Starts it, below the usual priority, so that grading stays quick. Like every child with a channel it stops by itself when this
 * process is gone.
 *
 * @param log where all that it prints is added
 */
export function startCommand(words: readonly string[], log: string): RunningCommand {
  const file = guarded(log, () => openSync(log, "a"));
  const lines: string[] = [];
  let rest = "";
  writeSync(file, `$ ${line(words)}\n`);
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...words], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const hear = (chunk: Buffer) => {
    writeSync(file, chunk);
    const parts = (rest + chunk.toString("utf8")).split(/[\r\n]+/);
    rest = parts.pop()!.slice(-LONGEST);
    lines.push(...parts.filter((part) => part.trim() !== "").map((part) => part.slice(0, LONGEST)));
    lines.splice(0, lines.length - SHOWN);
  };
  child.stdout!.on("data", hear);
  child.stderr!.on("data", hear);
  let reason: string | undefined;
  child.on("message", (message) => {
    reason ??= sentError(message);
  });
  child.once("spawn", () => lowered(child.pid!));
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      closeSync(file);
      resolve(error.message);
    });
    // All that it printed has been heard, and the channel is closed.
    child.once("close", (code, signal) => {
      closeSync(file);
      const fallback =
        code === EXIT.interrupted || stopping ? "interrupted" : (signal ?? `exit code ${code}`);
      resolve(code === 0 ? "" : stopping ? "interrupted" : (reason ?? fallback));
    });
  });
  return {
    lines,
    ended,
    stop: () => {
      if (!stopping) child.kill("SIGTERM");
      else child.kill("SIGKILL");
      stopping = true;
    },
  };
}

/** A process that has ended already needs no priority. */
function lowered(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {}
}
