/** Programs that are killed at a chosen change to the disk: every file made, written, renamed or removed counts. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

/** Compiles the library that counts and kills. @returns its path */
export function killingLibrary(): string {
  const library = join(mkdtempSync(join(tmpdir(), "arclet-kills-")), "kills.so");
  const source = join(import.meta.dirname, "kills.c");
  const { status, stderr } = spawnSync("gcc", ["-shared", "-fPIC", "-w", "-o", library, source, "-ldl"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return library;
}

/**
 * Runs a program of JavaScript, killed just before its `at`-th change to files whose path holds `under`.
 *
 * @param kind `rename` counts renames alone
 * @returns whether it was killed; false where it ended before
 */
export function killedAt(
  library: string,
  program: string,
  { at, under, kind = "any" }: { at: number; under: string; kind?: "any" | "rename" },
): boolean {
  const { signal, status, stderr } = run(program, {
    LD_PRELOAD: library,
    ARCLET_KILL_UNDER: under,
    ARCLET_KILL_AT: `${at}`,
    ARCLET_KILL_KIND: kind,
  });
  if (signal !== "SIGKILL") expect(status, stderr).toBe(0);
  return signal === "SIGKILL";
}

/** Runs a program of JavaScript that must end well. */
export function ended(program: string): void {
  const { status, stderr } = run(program, {});
  expect(status, stderr).toBe(0);
}

const run = (program: string, more: Record<string, string>) =>
  spawnSync("node", ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, ...more },
  });
