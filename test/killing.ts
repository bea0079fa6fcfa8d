/** Programs that are killed at a chosen change to the disk: every file made, written, renamed or removed counts. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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

let runs = 0;

/** Runs a program of JavaScript here, without a process of its own. It must end well. */
export async function ended(program: string): Promise<void> {
  // A module of another text, since Node runs one once.
  await import(`data:text/javascript,${encodeURIComponent(`${program}\n// run ${runs++}`)}`);
}

/** A module of dist/, for a program to import. */
export const built = (path: string): string =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, "../dist", path)).href);

const run = (program: string, more: Record<string, string>) =>
  spawnSync("node", ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, ...more },
  });
