/**
 * Whether memory stays as it is: over 10,000 steps of training, over 100,000 scores, and over what graders ask of `inspect` in hours,
 * asked without a pause.
 *
 *   memory.ts --minutes 60 [--only score]
 *
 * Each part is a program of its own whose memory (VmRSS) is looked at some fifty times. A journal entry has
 * what it took after a fifth, when all is loaded and warm, and at the end; more than GROWTH above it is a fault.
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Journal } from "./journal.ts";
import { asked, placesOf, ROOT } from "./setting.ts";

interface Grown {
  readonly name: string;
  readonly times: number;
  /** After a fifth, and at the end, MB. */
  readonly before: number;
  readonly after: number;
  readonly fault: string;
}

/** Most that may be added after a fifth, MB: V8 lets its heap grow by tens before it collects. */
const GROWTH = 64;
/** Tries the parts in a minute; their figures mean nothing then. */
const SMALL = process.env.SMALL === undefined ? 1 : 100;
const PARTS: Readonly<Record<string, number>> = {
  "steps of training": 10_000 / SMALL,
  "scored images": 100_000 / SMALL,
  // Of eight hours with one every 0.6 s.
  "requests to inspect": 50_000 / SMALL,
};

const { until, only } = asked();
const { places, stop } = await placesOf("memory", { serves: false });
await stop();
const journal = new Journal<Grown>(join(places.scratch, "journal.jsonl"));

/** What a program says, by lines: how far it is. @returns its memory at each of them, MB */
function watched(part: string, times: number, folder: string): Promise<number[]> {
  const program = join(ROOT, "bench", "robustness", "memory-program.mjs");
  const words = ["--expose-gc", program, part, `${times}`, places.world, folder];
  const child = spawn("node", words, { stdio: ["ignore", "pipe", "inherit"] });
  const memory: number[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n")) {
      if (!line.startsWith("done ")) continue;
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
      if (kilobytes !== undefined) memory.push(Number(kilobytes) / 1024);
    }
  });
  return new Promise((done, failed) =>
    child.on("close", (code) =>
      code === 0 ? done(memory) : failed(new Error(`${part} ended with ${code}`)),
    ),
  );
}

for (const [name, times] of Object.entries(PARTS)) {
  if (performance.now() > until || !name.includes(only)) continue;
  if (journal.entries.some((entry) => entry.name === name)) continue;
  const folder = join(places.scratch, "work");
  rmSync(folder, { recursive: true, force: true });
  const memory = await watched(name, times, folder);
  const [before, after] = [memory[Math.floor(memory.length / 5)]!, memory.at(-1)!];
  const fault = after - before > GROWTH ? `grew by ${(after - before).toFixed(0)} MB` : "";
  if (SMALL === 1) journal.add({ name, times, before, after, fault });
  console.log(`${name}: ${before.toFixed(0)} MB after a fifth, ${after.toFixed(0)} MB at the end ${fault}`);
}
const faults = journal.entries.filter(({ fault }) => fault !== "");
process.exitCode = faults.length === 0 ? 0 : 1;
