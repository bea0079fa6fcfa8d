/**
 * Runs the engine's tasks in Arclet and in Python's torch by turns and prints the ratios of their times. The
 * processes alternate and the ratio of a round is of neighbours in time, since a shared machine's speed drifts.
 *
 *   node --import tsx bench/engine/compare.ts [--rounds 5] [--threads 2] [--python /usr/bin/python3]
 *
 * Exits with 1 when a bound is missed.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Times {
  torch: string;
  add: { least: number; median: number };
  step: { least: number; median: number };
  throughput: Record<string, number>;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: String(availableParallelism()) },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "arclet-bench-"));
const file = join(folder, "values");
writeFileSync(file, "");
truncateSync(file, 64 << 20);

const env = { ...process.env, ARCLET_THREADS: options.threads, OMP_NUM_THREADS: options.threads };
const run = (command: string, args: readonly string[]): Times =>
  JSON.parse(execFileSync(command, [...args, options.threads, file], { encoding: "utf8", env }));
const arclet = () => run(process.execPath, ["--import", "tsx", join(here, "tasks.ts")]);
const python = () => run(options.python, [join(here, "tasks.py")]);

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const rounds: { ours: Times; theirs: Times }[] = [];
try {
  for (let round = 0; round < Number(options.rounds); round++) {
    // The order changes with every round, so that neither always runs on the warmer machine.
    const first = round % 2 === 0 ? arclet() : python();
    const second = round % 2 === 0 ? python() : arclet();
    const [ours, theirs] = round % 2 === 0 ? [first, second] : [second, first];
    rounds.push({ ours, theirs });
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

const versions = rounds[0]!;
console.log(
  `Arclet on libtorch ${versions.ours.torch} against Python's torch ${versions.theirs.torch}, ` +
    `${options.threads} threads, ${rounds.length} rounds\n`,
);
let missed = false;
row("task", "Arclet", "Python", "ratio", "from", "to", "bound");
for (const [task, label, unit, bound] of [
  ["add", "small add, µs a call", 1e6, 2.5],
  ["step", "training step, ms", 1e3, 1.05],
] as const) {
  const ratios = rounds.map(({ ours, theirs }) => ours[task].least / theirs[task].least);
  const ratio = median(ratios);
  if (ratio > bound) missed = true;
  row(
    label,
    (median(rounds.map(({ ours }) => ours[task].least)) * unit).toFixed(2),
    (median(rounds.map(({ theirs }) => theirs[task].least)) * unit).toFixed(2),
    ratio.toFixed(3),
    Math.min(...ratios).toFixed(3),
    Math.max(...ratios).toFixed(3),
    `${bound}${ratio > bound ? " missed" : ""}`,
  );
}
for (const name of Object.keys(versions.ours.throughput)) {
  const ratios = rounds.map(({ ours, theirs }) => theirs.throughput[name]! / ours.throughput[name]!);
  row(
    `${name}, GB/s`,
    (median(rounds.map(({ ours }) => ours.throughput[name]!)) / 1e9).toFixed(2),
    (median(rounds.map(({ theirs }) => theirs.throughput[name]!)) / 1e9).toFixed(2),
    median(ratios).toFixed(3),
    Math.min(...ratios).toFixed(3),
    Math.max(...ratios).toFixed(3),
    "",
  );
}
if (missed) process.exitCode = 1;

function row(name: string, ...cells: string[]): void {
  console.log(name.padEnd(28) + cells.map((cell) => cell.padStart(10)).join(""));
}
