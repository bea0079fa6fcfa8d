/** A file that keeps a second program out of an unfinished folder. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { ArcletError } from "./errors.ts";
import { guarded } from "./files.ts";

/** How long a lock that is empty may be one that its program is about to write, in ms. */
const WRITTEN_WITHIN = 200;

/**
 * Takes the lock, or takes it over from a program on this machine that has ended. The file holds the process id, the machine,
 * and when the program was started: a system gives the same id to another program later.
 *
 * @param what what is being made, for the message
 * @returns a function that releases it
 * @throws ArcletError when it is held by a running program, or by any program on another machine
 */
export function takeLock(path: string, what: string): () => void {
  const mine = `${process.pid} ${hostname()} ${startOf(process.pid) ?? ""}`.trimEnd();
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
  const [pid = "", host = "", start] = contentOf(path).split(" ");
  return { pid, host, held: host !== "" && (host !== hostname() || runs(Number(pid), start)) };
}

/** What a lock says; one that another program gave back meanwhile says nothing. */
function contentOf(path: string): string {
  const read = () => (existsSync(path) ? guarded(path, () => readFileSync(path, "utf8")).trim() : "");
  const text = read();
  if (text !== "") return text;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITTEN_WITHIN);
  return read();
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
  return start === undefined ? mayBeArclet(pid) : start === now;
}

/** When a process was started: ticks since the machine's own start, and which start that was; undefined where `/proc` is not. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The 22nd field (proc(5)). The second is a name in brackets that may hold anything.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
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
