/**
 * Runs every command that writes with little memory, with few file descriptors, and while the clock of the day goes back: each ends as
 * if nothing had happened or with one line, leaves nothing half made, and does its work the next time.
 *
 *   limits.ts --seed 1 --minutes 10 [--only score]
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { words } from "../../test/cli/words.ts";
import { CASES, type Case } from "./cases.ts";
import {
  again,
  badEnd,
  compared,
  halfTaken,
  PROGRAM,
  prepare,
  undisturbed,
  type Whole,
} from "./disturbed.ts";
import { filesUnder } from "./files.ts";
import { Journal } from "./journal.ts";
import { asked, placesOf } from "./setting.ts";
import type { Ended } from "./standing.ts";

interface Limited {
  readonly name: string;
  readonly limit: string;
  readonly borne: boolean;
  readonly fault: string;
}

/** Longest time of a command, ms, on a busy machine. */
const HANGS = 180_000;

const { until, only } = asked();
const { places, standing, stop } = await placesOf("limits");
const journal = new Journal<Limited>(join(places.scratch, "journal.jsonl"));
const clock = join(places.scratch, "clock.so");
if (!existsSync(clock))
  execFileSync(process.env.CC ?? "cc", [
    "-shared",
    "-fPIC",
    "-w",
    "-o",
    clock,
    join(import.meta.dirname, "clock.c"),
    "-ldl",
  ]);

/** What is said to the shell before the command, by name. */
const LIMITS: Readonly<Record<string, string>> = {
  "40 descriptors": "ulimit -n 40",
  "64 descriptors": "ulimit -n 64",
  "a clock that goes back": `export LD_PRELOAD=${clock}`,
  "0.5 GB of data": "ulimit -d 500000",
  "2.0 GB of addresses": "ulimit -v 2000000",
  "2.4 GB of addresses": "ulimit -v 2400000",
};

function run(before: string, line: string): Promise<Ended & { hung: boolean }> {
  const child = spawn("bash", ["-c", `${before}; exec "$0" "$@"`, "node", PROGRAM, ...words(line)], {
    cwd: places.work,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
    });
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, HANGS);
  return new Promise((done) =>
    child.on("close", (status) => {
      clearTimeout(limit);
      done({ status, ...printed, hung });
    }),
  );
}

/** Node itself ends so where it has no room for its own heap; nothing of Arclet runs then. */
const nodesOwn = ({ stderr, status }: Ended) =>
  (status === null || status > 2) &&
  /Fatal (process|JavaScript)|V8|node::|Cannot create|OOM|out of memory|uv_/i.test(stderr);

async function limited(one: Case, whole: Whole, limit: string): Promise<void> {
  prepare(places, one);
  const ended = await run(LIMITS[limit]!, one.line);
  const borne = ended.status === 0;
  const end = ended.hung ? "hung" : nodesOwn(ended) ? "" : badEnd(ended);
  const faults = borne
    ? [compared(filesUnder(places.work), whole)]
    : [end, halfTaken(places, one, whole), await again(places, one, whole, standing)];
  const fault = faults.filter((text) => text !== "").join("; ");
  journal.add({ name: one.name, limit, borne, fault });
  if (fault !== "") console.log(`${one.name}, ${limit}: ${fault}`);
}

const cases = CASES.filter(({ name }) => name.includes(only));
for (const limit of Object.keys(LIMITS))
  for (const one of cases) {
    if (performance.now() > until) break;
    if (journal.entries.some((entry) => entry.name === one.name && entry.limit === limit)) continue;
    await limited(one, await undisturbed(places, one, standing), limit);
  }
await stop();
const faults = journal.entries.filter(({ fault }) => fault !== "");
console.log(`${journal.entries.length} limited commands: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
