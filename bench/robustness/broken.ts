/**
 * Breaks inputs of every kind that Arclet reads, by their number, and reads them: files, folders, and requests to `inspect`. Each
 * must be read or refused in one line, in 20 s, in 2 GB, and damage that a hash can tell must be told.
 *
 *   broken.ts --seed 1 --minutes 20 [--only png]
 *
 * Worker processes read a few thousand each (test/broken/reading.mjs); one that ends is a fault, and the next number follows. What is
 * done is in build/robustness/broken/journal.jsonl, and the same call goes on from there.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Journal } from "./journal.ts";
import { asked, placesOf, ROOT } from "./setting.ts";

interface Batch {
  readonly kind: string;
  /** The number of the first input. */
  readonly first: number;
  readonly inputs: number;
  readonly read: number;
  readonly refused: number;
  /** Of the process's own time, s. */
  readonly slowest: number;
  readonly megabytes: number;
  readonly faults: readonly string[];
}

/** Inputs of a worker, by kind: folders are read whole each time. */
const FILES = 2000;
const KINDS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "png jpeg tiff npy npz hdf5 parquet votable csv safetensors pth fits fits-table survey recipe yaml"
      .split(" ")
      .map((kind) => [kind, FILES]),
  ),
  dataset: 100,
  run: 100,
  grades: 100,
  shards: 50,
  http: 500,
};
/** Between the inputs of one seed and the next. */
const APART = 10_000_000;
const MOST_MEGABYTES = 2048;
/** Longest time of a worker between two inputs, ms, on a busy machine. */
const HANGS = 120_000;

const { seed, until, only } = asked();
const { places, stop } = await placesOf("broken", { serves: false });
await stop();
const journal = new Journal<Batch>(join(places.scratch, "journal.jsonl"));

/** Inputs of a kind that were read so far follow each other from the seed's first. */
const nextOf = (kind: string) =>
  Math.max(
    seed * APART,
    ...journal.entries
      .filter((batch) => batch.kind === kind && Math.floor(batch.first / APART) === seed)
      .map(({ first, inputs }) => first + inputs),
  );

/** Runs a worker. @returns what it said; null if it ended otherwise, and why */
function worker(
  kind: string,
  count: number,
  first: number,
  folder: string,
): Promise<{ said: string | null; ended: string }> {
  const program = join(ROOT, "test", "broken", "reading.mjs");
  const words = [program, kind, `${count}`, `${first}`, folder, places.world];
  const child = spawn("node", words, { stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
    });
  let at = "";
  const numberOf = () => readFileSync(join(folder, "number"), "utf8");
  const watch = setInterval(() => {
    const now = numberOf();
    if (now === at) child.kill("SIGKILL");
    at = now;
  }, HANGS);
  return new Promise((done) =>
    child.on("close", (code, signal) => {
      clearInterval(watch);
      const ended = code === 0 ? "" : `${signal ?? code}: ${printed.stderr.slice(-600)}`;
      done({ said: code === 0 ? printed.stdout.trim().split("\n").at(-1)! : null, ended });
    }),
  );
}

async function batch(kind: string, count: number): Promise<void> {
  const first = nextOf(kind);
  const folder = join(places.scratch, kind);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { said, ended } = await worker(kind, count, first, folder);
  const none = { read: 0, refused: 0, slowest: 0, megabytes: 0 };
  if (said === null) {
    const number = Number(readFileSync(join(folder, "number"), "utf8"));
    console.log(`${kind} ${number}: ended the process: ${ended}`);
    journal.add({
      kind,
      first,
      inputs: number - first + 1,
      ...none,
      faults: [`${number}: ended the process: ${ended}`],
    });
    return;
  }
  const { read, refused, slowest, megabytes, faults, faulty, whole, files } = JSON.parse(said);
  const large = megabytes > MOST_MEGABYTES ? [`${first}: took ${megabytes.toFixed(0)} MB`] : [];
  const broken = whole < 1 ? [`${first}: no whole ${kind} of ${files} was read`] : [];
  const all = [...faults, ...large, ...broken];
  for (const fault of all) console.log(`${kind} ${fault}`);
  journal.add({ kind, first, inputs: count, read, refused, slowest, megabytes, faults: all });
  if (faulty > faults.length) console.log(`${kind}: ${faulty - faults.length} more faults`);
}

const kinds = Object.entries(KINDS).filter(([kind]) => kind.includes(only));
while (performance.now() < until) {
  for (const [kind, count] of kinds) {
    if (performance.now() > until) break;
    await batch(kind, count);
  }
}
const own = journal.entries.filter(({ first }) => Math.floor(first / APART) === seed);
const sum = (pick: (one: Batch) => number) => own.reduce((total, one) => total + pick(one), 0);
console.log(
  `${sum(({ inputs }) => inputs)} inputs of ${new Set(own.map(({ kind }) => kind)).size} kinds: ${sum(({ faults }) => faults.length)} faults`,
);
process.exitCode = sum(({ faults }) => faults.length) === 0 ? 0 : 1;
