/** Programs that are killed at a chosen change to the disk: every file made, written, renamed or removed counts. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";

/** What follows `node`, and the folder that it is typed in. */
interface CommandLine {
  words: readonly string[];
  cwd?: string;
}

/** Compiles the library that counts and kills. @returns its path */
export function killingLibrary(): string {
  const library = join(mkdtempSync(join(tmpdir(), "arclet-kills-")), "kills.so");
  const source = join(import.meta.dirname, "kills.c");
  const { status, stderr } = spawnSync(
    process.env.CC ?? "cc",
    ["-shared", "-fPIC", "-w", "-o", library, source, "-ldl"],
    {
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return library;
}

/**
 * Runs a program of JavaScript or a command line, killed just before its `at`-th change to files whose path holds `under`; so are those that it
 * starts, each by its own count.
 *
 * @param kind `rename` counts renames alone
 * @returns whether one was killed; false where all ended before
 */
export function killedAt(
  library: string,
  program: string | CommandLine,
  { at, under, kind = "any" }: { at: number; under: string; kind?: "any" | "rename" },
): boolean {
  const mark = join(library, "..", "mark");
  rmSync(mark, { force: true });
  const { status, stderr } = run(program, {
    LD_PRELOAD: library,
    ARCLET_KILL_MARK: mark,
    ARCLET_KILL_UNDER: under,
    ARCLET_KILL_AT: `${at}`,
    ARCLET_KILL_KIND: kind,
  });
  const killed = existsSync(mark);
  if (!killed) expect(status, stderr).toBe(0);
  return killed;
}

/**
 * The changes before which programs are killed, until one ends before: from 1 on with ARCLET_EVERY_KILL, else a few, since a
 * command makes hundreds.
 */
export function* killedBefore({
  every = process.env.ARCLET_EVERY_KILL !== undefined,
  few = [3, 25, 201, 1609],
}: {
  every?: boolean;
  few?: readonly number[];
} = {}): Generator<number> {
  if (every) for (let at = 1; ; at++) yield at;
  yield* few;
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

const run = (program: string | CommandLine, more: Record<string, string>) => {
  const { words, cwd }: CommandLine =
    typeof program === "string" ? { words: ["--input-type=module", "-e", program] } : program;
  return spawnSync("node", words, { encoding: "utf8", cwd, env: { ...process.env, ...more } });
};
