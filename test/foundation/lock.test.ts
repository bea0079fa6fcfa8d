import { execFile, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { lockHolder, takeLock, whenFree } from "../../src/foundation/lock.ts";
import { slow } from "../slow.ts";

slow("starts programs that race for seconds");

const path = () => join(mkdtempSync(join(tmpdir(), "arclet-lock-")), "run.lock");
const endedPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("a lock is held by the process that took it until it is released", () => {
  const lock = path();
  expect(lockHolder(lock)).toBeNull();
  const unlock = takeLock(lock, "a run");
  expect(lockHolder(lock)).toBe(process.pid);
  expect(() => takeLock(lock, "a run")).toThrow(
    `a run: process ${process.pid} on ${hostname()} is working on it`,
  );
  unlock();
  expect(lockHolder(lock)).toBeNull();
  expect(existsSync(lock)).toBe(false);
});

test("a lock of a process that has ended has no holder, and is taken over", () => {
  const lock = path();
  writeFileSync(lock, `${endedPid()} ${hostname()}`);
  expect(lockHolder(lock)).toBeNull();
  takeLock(lock, "a run")();
  expect(existsSync(lock)).toBe(false);
});

/** As a lock has it: ticks since the machine's start, and which start that was. */
const started = (pid: number) =>
  `${readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")[19]}@${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;

test("a lock holds when its process was started, and one that has its number but not its start does not hold it", () => {
  const lock = path();
  const unlock = takeLock(lock, "a run");
  expect(readlinkSync(lock).split(" ").slice(0, 3)).toEqual([
    `${process.pid}`,
    hostname(),
    started(process.pid),
  ]);
  unlock();
  // This very process runs, but was not started then.
  writeFileSync(lock, `${process.pid} ${hostname()} 12345@${started(process.pid).split("@")[1]}`);
  expect(lockHolder(lock)).toBeNull();
  writeFileSync(lock, `${process.pid} ${hostname()} ${started(process.pid).split("@")[0]}@another-boot`);
  expect(lockHolder(lock)).toBeNull();
  takeLock(lock, "a run")();
});

test("an older lock, without a start, is held by programs of Node's only", async () => {
  const lock = path();
  const other = spawn("sleep", ["60"]);
  writeFileSync(lock, `${other.pid} ${hostname()}`);
  await expect.poll(() => lockHolder(lock)).toBeNull();
  other.kill();
  writeFileSync(lock, `${process.pid} ${hostname()}`);
  expect(lockHolder(lock)).toBe(process.pid);
});

test("a lock that a program was killed before it could write is nobody's", () => {
  const lock = path();
  writeFileSync(lock, "");
  expect(lockHolder(lock)).toBeNull();
  takeLock(lock, "a run")();
});

test("a lock that is given back is the program's own, not one that somebody took after it was removed by hand", () => {
  const lock = path();
  const unlock = takeLock(lock, "a run");
  rmSync(lock);
  const other = takeLock(lock, "a run");
  unlock();
  expect(lockHolder(lock)).toBe(process.pid);
  other();
});

/** How often each of the racing programs takes the lock. */
const TIMES = 25;

/**
 * A program that takes the lock again and again, says how often another was inside with it, and leaves the lock of a program
 * that has ended, which all others then see at once.
 */
const racer = (lock: string, pid: number, k: number) => `
  const { mkdirSync, renameSync, rmdirSync, symlinkSync } = await import("node:fs");
  const { takeLock } = await import(${JSON.stringify(join(process.cwd(), "dist/foundation/lock.js"))});
  const lock = ${JSON.stringify(lock)};
  let [held, together] = [0, 0];
  while (held < ${TIMES}) {
    try { takeLock(lock, "a run"); } catch (error) {
      if (error.data?.code !== "conflict") throw error;
      continue;
    }
    held++;
    try { mkdirSync(lock + ".inside"); } catch { together++; }
    for (const end = performance.now() + 1; performance.now() < end; );
    try { rmdirSync(lock + ".inside"); } catch { together++; }
    symlinkSync("${pid} ${hostname()} 1@boot ${k}." + held, lock + ".ended${k}");
    renameSync(lock + ".ended${k}", lock);
  }
  console.log(JSON.stringify({ held, together }));`;

test("of many programs that see the lock of an ended one at the same moment, one alone takes it", async () => {
  const lock = path();
  const pid = endedPid();
  const racers = Array.from({ length: 6 }, async (_, k) => {
    const { stdout } = await promisify(execFile)("node", ["--input-type=module", "-e", racer(lock, pid, k)]);
    return JSON.parse(stdout) as { held: number; together: number };
  });
  const said = await Promise.all(racers);
  expect(said).toEqual(Array.from({ length: 6 }, () => ({ held: TIMES, together: 0 })));
  expect(readdirSync(dirname(lock))).toEqual(["run.lock"]);
});

test("a lock that a job of another machine has left is taken over by that job, and by one that knows of its end", () => {
  const lock = path();
  const other = "7 another-machine 1@boot 00000000-0000-0000-0000-000000000000 slurm:12_3";
  const taken = (environment: Record<string, string>) => {
    writeFileSync(lock, other);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    try {
      takeLock(lock, "a run")();
      return true;
    } catch (error) {
      expect(String(error)).toContain("process 7 on another-machine is working on it");
      return false;
    } finally {
      vi.unstubAllEnvs();
      rmSync(lock, { force: true });
    }
  };
  expect(taken({})).toBe(false);
  expect(taken({ ARCLET_JOB: "slurm 12_4" })).toBe(false);
  expect(taken({ ARCLET_JOB: "slurm 12_3" })).toBe(true); // queued again after its machine died
  expect(taken({ ARCLET_JOB: "slurm 15_3", ARCLET_ENDED_JOBS: "slurm:11_3 slurm:12_3" })).toBe(true);
  expect(taken({ ARCLET_JOB: "slurm 15_3", ARCLET_ENDED_JOBS: "slurm:11_3" })).toBe(false);
});

test("what takes moments under a lock is done once others have done theirs", async () => {
  const lock = path();
  const done: string[] = [];
  const unlock = takeLock(lock, "a seal");
  const later = whenFree(lock, "a seal", () => done.push("later"));
  done.push("first");
  unlock();
  await later;
  expect(done).toEqual(["first", "later"]);
  expect(existsSync(lock)).toBe(false);
});
