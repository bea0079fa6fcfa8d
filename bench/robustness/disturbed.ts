/** A command of the command line on a copy of its inputs: undisturbed, killed at a change to the disk or after a time, or with a change that fails. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { words } from "../../test/cli/words.ts";
import type { Case } from "./cases.ts";
import { type Files, filesUnder, type Likeness, likeness, unlike } from "./files.ts";
import { COMMIT, STATE } from "./setting.ts";
import type { Ended, Running } from "./standing.ts";

export const PROGRAM = join(import.meta.dirname, "..", "..", "bin", "arclet.mjs");
/** Longest time of a command, ms: nothing here takes a tenth of it on a busy machine. */
const HANGS = 180_000;

/** Bytes of a counter's file (test/kills.c). */
export const COUNTER = 32;

/** How a command is disturbed. */
export type Disturbance =
  | { readonly kind: "change"; readonly at: number; readonly how?: string; readonly copies?: string }
  | { readonly kind: "moment"; readonly after: number };

/** How a disturbed command ended, whether what was to disturb it did, and the changes it made. */
export interface Disturbed {
  readonly ended: Ended;
  readonly met: boolean;
  readonly changes: number;
  readonly hung: boolean;
}

/** Disturbs a command: by a start of its own (`disturbed`), or forked. */
export type Disturbing = (places: Places, one: Case, how: Disturbance) => Promise<Disturbed>;

/** What an undisturbed command wrote, and took. */
export interface Whole {
  readonly files: Files;
  readonly allowed: Readonly<Record<string, Likeness>>;
  readonly changes: number;
  readonly ms: number;
}

export interface Places {
  readonly world: string;
  readonly work: string;
  readonly library: string;
  readonly scratch: string;
}

/** A command's folder and inputs, anew. */
export function prepare({ world, work }: Places, { of }: Case): void {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const name of of) cpSync(join(world, name), join(work, name), { recursive: true });
}

/** As `wholeOf`, kept from one call to the next of the same commit. */
export async function undisturbed(
  places: Places,
  one: Case,
  standing: Running,
  disturbing: Disturbing = disturbed,
): Promise<Whole> {
  const kept = join(STATE, "whole", `${one.name}.json`);
  if (existsSync(kept)) {
    const before = JSON.parse(readFileSync(kept, "utf8"));
    if (before.line === one.line && before.commit === COMMIT) return before.whole;
  }
  const whole = await wholeOf(places, one, standing, disturbing);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ line: one.line, commit: COMMIT, whole }));
  return whole;
}

/** Runs it three times undisturbed: twice to know how its files differ by themselves, once to count its changes. */
async function wholeOf(places: Places, one: Case, standing: Running, disturbing: Disturbing): Promise<Whole> {
  const run = async () => {
    prepare(places, one);
    const { status, stderr } = await standing.run(words(one.line), places.work);
    if (status !== 0) throw new Error(`${one.name}: ${stderr}`);
    return filesUnder(places.work);
  };
  const [files, other] = [await run(), await run()];
  prepare(places, one);
  const begun = performance.now();
  const counted = await disturbing(places, one, { kind: "change", at: 0 });
  if (counted.ended.status !== 0) throw new Error(`${one.name}: ${counted.ended.stderr}`);
  const third = filesUnder(places.work);
  const rank = { same: 0, times: 1, more: 2 } as const;
  const allowed = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => {
      const [a, b] = [likeness(bytes, other[name] ?? ""), likeness(bytes, third[name] ?? "")];
      if (one.counting?.includes(name)) return [name, "more" as const];
      return [name, rank[a] > rank[b] ? a : b];
    }),
  );
  return { files, allowed, changes: counted.changes, ms: performance.now() - begun };
}

/** Starts it under the library that counts. @returns how it ended, whether it was met, and the changes it made */
export async function disturbed(
  { work, library, scratch }: Places,
  { line }: Case,
  how: Disturbance,
): Promise<Disturbed> {
  const [mark, counter, temporary] = ["mark", "counter", "tmp"].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  rmSync(mark, { force: true });
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(counter, Buffer.alloc(COUNTER));
  const child = spawn("node", [PROGRAM, ...words(line)], {
    cwd: work,
    detached: true, // a group, so that all it starts can be waited for
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TMPDIR: temporary,
      LD_PRELOAD: library,
      ARCLET_KILL_MARK: mark,
      ARCLET_KILL_UNDER: `${work}/`,
      ARCLET_KILL_COUNTER: counter,
      ARCLET_KILL_AT: `${how.kind === "change" ? how.at : 0}`,
      ...(how.kind === "change" && how.how !== undefined ? { ARCLET_KILL_HOW: how.how } : {}),
      ...(how.kind === "change" && how.copies !== undefined ? { ARCLET_KILL_COPIES: how.copies } : {}),
    },
  });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
    });
  const closed = new Promise<number | null>((done) => child.on("close", (code) => done(code)));
  let killed = false;
  let hung = false;
  const kill = () => {
    killed = true;
    killGroup(child.pid!);
  };
  const moment = how.kind === "moment" ? setTimeout(kill, how.after) : undefined;
  const limit = setTimeout(() => {
    hung = true;
    kill();
  }, HANGS);
  const status = await closed;
  clearTimeout(moment);
  await groupEnds(child.pid!);
  clearTimeout(limit);
  const changes = Number(readFileSync(counter).readBigInt64LE());
  return { ended: { status, ...printed }, met: killed || existsSync(mark), changes, hung };
}

/** Ends all programs of a group that run. */
function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

async function groupEnds(group: number): Promise<void> {
  while (runs(group)) await new Promise((done) => setTimeout(done, 20));
}

/** Whether a program of a group runs: one that ended may stay listed, if nobody asks how it ended. */
function runs(group: number): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // After the name in brackets: state, parent, group (proc(5)).
      const [state, , of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(of) === group && state !== "Z" && state !== "X";
    } catch {
      return false;
    }
  });
}

/** Runs the command again, undisturbed. @returns what is wrong with what is there then; "" if nothing is */
export async function again({ work }: Places, one: Case, whole: Whole, standing: Running): Promise<string> {
  const typed = (line: string) => standing.run(words(line), work);
  const same = await typed(one.line);
  const resumes = one.again !== undefined && same.status !== 0 && same.stderr.includes("--resume");
  const { status, stderr } = resumes ? await typed(one.again!) : same;
  // Before its last change it may have been whole already.
  if (status !== 0 && !/a name that is not taken|is finished|nothing to resume/.test(stderr))
    return `again: ${status} ${stderr.trim().split("\n").at(-1)}`;
  return compared(filesUnder(work), whole);
}

/** @returns which files are missing, differ, or should not be there; "" if none */
export function compared(found: Files, { files, allowed }: Whole): string {
  const wrong = Object.keys(files).flatMap((name) => {
    if (found[name] === undefined) return [`${name} is missing`];
    const fault = unlike(found[name], files[name]!, allowed[name]!);
    return fault === "" ? [] : [`${name} ${fault}`];
  });
  // A stale lock is taken over by whoever wants it next.
  const more = Object.keys(found).filter((name) => !(name in files) && !name.endsWith(".lock"));
  return [...wrong, ...more.map((name) => `${name} is left`)].slice(0, 5).join("; ");
}

/** @returns what is there under its own name and is not whole, though nothing says so; "" if nothing is */
export function halfTaken({ work }: Places, one: Case, { files, allowed }: Whole): string {
  if (one.grows === "as a run" || !existsSync(join(work, one.out))) return "";
  const found = filesUnder(work);
  const ours = (name: string) => name === one.out || name.startsWith(`${one.out}/`);
  if (`${one.out}/unfinished.json` in found) return "";
  const wrong = Object.keys(files)
    .filter(ours)
    .filter((name) => found[name] !== undefined || one.grows === undefined)
    .filter((name) => found[name] === undefined || unlike(found[name], files[name]!, allowed[name]!) !== "");
  return wrong.length === 0 ? "" : `half: ${wrong.slice(0, 5).join(", ")}`;
}

/** @returns what is wrong with how a command ended that met a fault; "" if nothing is */
export function badEnd({ status, stderr }: Ended): string {
  const own = stderr.split("\n").filter((line) => line.startsWith("arclet:"));
  if (status === null || status > 2) return `ended with ${status}: ${stderr.slice(-300)}`;
  if (/\n\s+at .*:\d+/.test(stderr)) return `a stack: ${stderr.slice(-300)}`;
  if (own.length !== 1) return `${own.length} lines: ${stderr.slice(-300)}`;
  return /bug in arclet/.test(own[0]!) || status !== 2 ? `${status}: ${own[0]}` : "";
}
