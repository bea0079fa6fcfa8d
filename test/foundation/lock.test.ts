import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockHolder, takeLock } from "../../src/foundation/lock.ts";

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
  expect(readFileSync(lock, "utf8")).toBe(`${process.pid} ${hostname()} ${started(process.pid)}`);
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
