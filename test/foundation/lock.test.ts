import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
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
