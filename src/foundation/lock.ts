/** A file that keeps a second program out of an unfinished folder. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { ArcletError } from "./errors.ts";
import { guarded } from "./files.ts";

/**
 * Takes the lock, or takes it over from a program on this machine that has ended.
 *
 * @param what what is being made, for the message
 * @returns a function that releases it
 * @throws ArcletError when it is held by a running program, or by any program on another machine
 */
export function takeLock(path: string, what: string): () => void {
  const mine = `${process.pid} ${hostname()}`;
  for (let tries = 0; ; tries++) {
    try {
      const file = openSync(path, "wx");
      writeSync(file, mine);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 2) throw error;
    }
    const { pid, host, held } = holderOf(path);
    if (held)
      throw new ArcletError({
        where: what,
        code: "conflict",
        problem: `process ${pid} on ${host} is working on it; if it is not, remove ${path}`,
      });
    rmSync(path, { force: true });
  }
}

/** The running process on this machine that holds a lock; null if there is none. */
export function lockHolder(path: string): number | null {
  if (!existsSync(path)) return null;
  const { pid, host, held } = holderOf(path);
  return held && host === hostname() ? Number(pid) : null;
}

function holderOf(path: string): { pid: string; host: string; held: boolean } {
  const [pid = "", host = ""] = guarded(path, () => readFileSync(path, "utf8")).split(" ");
  return { pid, host, held: host !== "" && (host !== hostname() || runs(Number(pid))) };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process can't be signalled, but it runs.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
