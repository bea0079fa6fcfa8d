/** A lock that keeps a second program out of an unfinished folder. */
import { createHash, randomUUID } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ArcletError } from "./errors.ts";
import { guarded } from "./files.ts";

/** How long a lock that is empty may be one that its program is about to write, in ms. */
const WRITTEN_WITHIN = 200;
/** Locks of programs that ended are removed one after the other; more than this is another fault. */
const MOST_TRIES = 100;

/**
 * Takes the lock, or takes it over from a program on this machine that has ended. The lock holds the process id, the
 * machine, and when the program was started (a system gives the same id to another program later), and a text that no other
 * lock has. In a scheduler's job it also holds the job's name: of one machine that died, the same job on another knows that it
 * has ended. It is a link that leads nowhere but reads so: a link appears at once with its text, where a file is empty first.
 *
 * @param what what is being made, for the message
 * @returns a function that releases it
 * @throws ArcletError when it is held by a running program, or by any program on another machine
 */
export function takeLock(path: string, what: string): () => void {
  const mine = `${process.pid} ${hostname()} ${startOf(process.pid) ?? "-"} ${randomUUID()}${jobWord()}`;
  for (let tries = 0; ; tries++) {
    try {
      create(path, mine);
      return () => removeIf(path, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > MOST_TRIES) throw error;
    }
    const text = contentOf(path);
    if (text === null) continue;
    // Over a network the first try may have succeeded, its answer lost.
    if (text === mine) return () => removeIf(path, mine);
    const { pid, host, held } = holderBy(text);
    if (held)
      throw new ArcletError({
        where: what,
        code: "conflict",
        problem: `process ${pid} on ${host} is working on it; if it is not, remove ${path}`,
      });
    removeEnded(path, text, what);
  }
}

/**
 * Removes the lock of a program that has ended. Of programs that see it at the same time, one alone may: it holds a lock on
 * this very lock meanwhile. Without that, the slower would remove the new lock that the quicker has taken.
 */
function removeEnded(path: string, text: string, what: string): void {
  const release = takeLock(`${path}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`, what);
  try {
    removeIf(path, text);
  } finally {
    release();
  }
}

/** Seconds for which a lock that is held for moments only is waited for. */
const PATIENCE = 60;

/** Does what takes moments under a lock, once others who do so are done. @throws ArcletError as `takeLock`, after a minute */
export async function whenFree<T>(path: string, what: string, body: () => T): Promise<T> {
  const unlock = await inTime(path, what);
  try {
    return body();
  } finally {
    unlock();
  }
}

async function inTime(path: string, what: string): Promise<() => void> {
  for (let tries = 0; ; tries++) {
    try {
      return takeLock(path, what);
    } catch (error) {
      if (!(error instanceof ArcletError) || error.code !== "conflict" || tries >= PATIENCE) throw error;
    }
    await sleep(1000);
  }
}

/** Removes the lock if it still says so. */
function removeIf(path: string, text: string): void {
  if (contentOf(path) === text) rmSync(path, { force: true });
}

/** @throws an error with the code EEXIST when there is one */
function create(path: string, text: string): void {
  try {
    symlinkSync(text, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // Some file systems (exFAT) have no links, and each says so in its own way. Where nothing can be made, this says why.
    writeFileSync(path, text, { flag: "wx" });
  }
}

/** The running process on this machine that holds a lock; null if there is none. */
export function lockHolder(path: string): number | null {
  const text = contentOf(path);
  if (text === null) return null;
  const { pid, host, held } = holderBy(text);
  return held && host === hostname() ? Number(pid) : null;
}

function holderBy(text: string): { pid: string; host: string; held: boolean } {
  const [pid = "", host = "", start, _unique, job] = text.split(" ");
  const here = host === hostname();
  return { pid, host, held: host !== "" && (here ? runs(Number(pid), start) : !hasEnded(job)) };
}

/** The scheduler's name of this job in the lock's text; empty without one. */
const jobWord = (): string =>
  process.env.ARCLET_JOB ? ` ${process.env.ARCLET_JOB.replaceAll(" ", ":")}` : "";

/**
 * Whether a job of another machine has ended, as far as this one is told: it is this very job, begun again, or one of those
 * that the scheduler had forgotten when this one was submitted (`ARCLET_ENDED_JOBS`).
 */
function hasEnded(job: string | undefined): boolean {
  if (job === undefined) return false;
  const ended = (process.env.ARCLET_ENDED_JOBS ?? "").split(" ").filter((name) => name !== "");
  return job === jobWord().trim() || ended.includes(job);
}

/** What a lock says; null if there is none. */
function contentOf(path: string): string | null {
  const text = contentNow(path);
  if (text !== "") return text;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITTEN_WITHIN);
  return contentNow(path);
}

/** Another program may give it back between any two calls. */
function contentNow(path: string): string | null {
  try {
    const found = guarded(path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (found === undefined) return null;
    return found.isSymbolicLink() ? readlinkSync(path) : readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    return guarded(path, () => {
      throw error;
    });
  }
}

/** @param start as the lock has it; locks of older versions have none */
function runs(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process can't be signalled, but it runs.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  if (now === undefined) return true;
  return start === undefined || start === "-" ? mayBeArclet(pid) : start === now;
}

/** When a process was started: ticks since the machine's own start, and which start that was; undefined where `/proc` is not. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The 22nd field (proc(5)). The second is a name in brackets that may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "ended"; // its parent has not asked how it ended
    const ticks = fields[19];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${ticks}@${boot}`;
  } catch {
    return undefined;
  }
}

/** Whether a process is one of Node's. */
function mayBeArclet(pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.some((word) => /(^|\/)(node|arclet)(\.mjs)?( |$)/.test(word));
  } catch {
    return true;
  }
}
