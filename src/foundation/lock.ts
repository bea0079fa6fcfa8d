/** A file that keeps a second program out of a folder in the making. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { ArcletError } from "./errors.ts";
import { guarded } from "./files.ts";

/**
 * Takes the lock, or takes it over from a program of this machine that is gone.
 *
 * @param what is being made, for the message
 * @returns gives it back
 * @throws ArcletError when another program that runs, or that another machine ran, holds it
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
        problem: `process ${pid} on ${host} is at work on it; if that is not so, remove ${path}`,
      });
    rmSync(path, { force: true });
  }
}

/** The process of this machine that holds a lock, null where none does or it is gone. */
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
