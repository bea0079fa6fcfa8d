/** The command line as a person uses it: a line, typed in a folder. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { slow } from "../slow.ts";
import { type Ended, run } from "./standing.ts";
import { words } from "./words.ts";

export { words } from "./words.ts";

export const program = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));

/** Of a program that a test starts. */
export const environment = (more: Record<string, string> = {}) => ({ ...process.env, ...more });

/** `arclet` with these words, in the folder that the tests run in. */
export const arclet = (...args: string[]): Ended => run(args, process.cwd());

/** `arclet` as it is installed: a process of its own. @param more environment variables */
export function ownProcess(args: readonly string[], folder: string, more?: Record<string, string>): Ended {
  const { status, stdout, stderr } = spawnSync("node", [program, ...args], {
    encoding: "utf8",
    cwd: folder,
    env: environment(more),
  });
  return { status, stdout, stderr };
}

/** `arclet` in a folder; a line is what follows its name. @param how how a command is run, if not by the standing program */
export function commandLine(folder: string, how: typeof run = run) {
  slow("a test types up to a dozen commands, and loading libtorch alone takes a second");
  const arclet = (line: string) => how(words(line), folder);
  const complaints = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("arclet:"));

  /** A line that must end well. */
  const done = (line: string) => {
    const result = arclet(line);
    expect(complaints(result.stderr), line).toEqual([]);
    expect(result.status, line).toBe(0);
    return result;
  };

  /** A line that must be refused: exit code 2 and one line that matches, after any progress. */
  const refused = (message: RegExp, line: string) => {
    const { status, stderr } = arclet(line);
    const own = complaints(stderr);
    expect(own, line).toHaveLength(1);
    expect(own[0]).toMatch(message);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(own[0]);
    expect(status).toBe(2);
  };

  return { arclet, done, refused };
}
