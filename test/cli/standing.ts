/**
 * A program that stands by to run a test's commands, one after the other: most need no process of their own, and each would
 * take its time to load libtorch. It calls the same `main` as bin/arclet.mjs, in the same folder, with the same environment;
 * standing.test.ts holds the two against each other. Signals, limits, terminals and crashes need the program itself:
 * `ownProcess` of arclet.ts.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  read,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";

/** What a command leaves its terminal. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface Standing {
  child: ChildProcess;
  /** What it was started with. */
  environment: string;
  requests: number;
  answers: number;
  /** Files of what it prints, and their descriptors here. */
  printed: readonly { path: string; file: number }[];
}

const PROGRAM = join(import.meta.dirname, "standing-program.mjs");
const NO_MORE = { bytesRead: 0 };

/** The calling process's own, which its test files share. */
let standing: Standing | null = null;
let busy = false;

/** Runs a command. Nothing else runs here meanwhile. */
export function run(args: readonly string[], folder: string): Ended {
  const program = asked(args, folder);
  const bytes = Buffer.alloc(256);
  return ended(program, args, bytes.toString("utf8", 0, readSync(program.answers, bytes)));
}

/** Runs a command while what else the test does goes on, e.g. a server. */
export async function runBeside(args: readonly string[], folder: string): Promise<Ended> {
  const program = asked(args, folder);
  const bytes = Buffer.alloc(256);
  const { bytesRead } = await promisify(read)(program.answers, bytes, 0, bytes.length, null).catch(
    () => NO_MORE,
  );
  return ended(program, args, bytes.toString("utf8", 0, bytesRead));
}

/** The calling process's, without what changes from one test file to the next. */
const environment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));

function asked(args: readonly string[], folder: string): Standing {
  if (busy) throw new Error("one command at a time: the last one has not ended");
  if (standing?.environment !== JSON.stringify(environment())) dismiss();
  standing ??= start();
  busy = true;
  writeSync(standing.requests, `${JSON.stringify({ args, folder })}\n`);
  return standing;
}

function ended(program: Standing, args: readonly string[], answer: string): Ended {
  busy = false;
  const [stdout, stderr] = program.printed.map(({ path, file }) => {
    const text = readFileSync(path, "utf8");
    ftruncateSync(file);
    return text;
  }) as [string, string];
  if (answer === "") {
    dismiss();
    throw new Error(`arclet ${args.join(" ")}: took the standing program with it:\n${stdout}${stderr}`);
  }
  const { status, spent } = JSON.parse(answer);
  if (spent) dismiss();
  return { status, stdout, stderr };
}

/** It ends when it finds no more requests. */
function dismiss(): void {
  if (standing === null) return;
  const { requests, answers, printed } = standing;
  for (const file of [requests, answers, ...printed.map(({ file }) => file)]) closeSync(file);
  standing = null;
}

function start(): Standing {
  const folder = mkdtempSync(join(inject("tiny"), "standing-"));
  const [requests, answers] = ["requests", "answers"].map((name) => join(folder, name)) as [string, string];
  spawnSync("mkfifo", [requests, answers]);
  // Opened to read and write, a pipe waits for no one. The program alone holds the writing end of its answers, so that they
  // end when it does.
  const ours = openSync(requests, "r+");
  const theirs = [openSync(requests, "r"), openSync(answers, "r+")];
  const printed = ["stdout", "stderr"].map((name) => {
    const path = join(folder, name);
    return { path, file: openSync(path, "a") };
  });
  const env = environment();
  const child = spawn("node", [PROGRAM], {
    env,
    stdio: ["ignore", ...printed.map(({ file }) => file), ...theirs],
  });
  child.unref();
  const heard = openSync(answers, "r");
  for (const file of theirs) closeSync(file);
  return { child, environment: JSON.stringify(env), requests: ours, answers: heard, printed };
}
