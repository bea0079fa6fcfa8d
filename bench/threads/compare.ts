/**
 * How libtorch's threads wait for each other (OpenMP's spinning), on a quiet machine and beside busy processes: images a
 * second of simulating, training and scoring. The settings alternate, since a shared machine's speed drifts; medians.
 *
 *   node --import tsx bench/threads/compare.ts [--rounds 3] [--seconds 3] [--busy 2] [--threads 2]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Rates {
  simulate: number;
  train: number;
  score: number;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    busy: { type: "string", default: "2" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});

/** By name: the environment, and the threads if not as many as asked for. */
const SETTINGS: Record<string, { env: Record<string, string>; threads?: string }> = {
  // Its spin count while threads are no more than cores; Arclet sets its own only if there is none.
  "libgomp's default": { env: { GOMP_SPINCOUNT: "300000" } },
  passive: { env: { OMP_WAIT_POLICY: "passive" } },
  "spin count 300": { env: { GOMP_SPINCOUNT: "300" } },
  "spin count 3000": { env: { GOMP_SPINCOUNT: "3000" } },
  "spin count 30000": { env: { GOMP_SPINCOUNT: "30000" } },
  "one thread": { env: {}, threads: "1" },
};

const tasks = fileURLToPath(new URL("tasks.ts", import.meta.url));

function measured(name: string): Rates {
  const { env, threads = options.threads } = SETTINGS[name]!;
  const { OMP_NUM_THREADS, OMP_WAIT_POLICY, GOMP_SPINCOUNT, ...clean } = process.env;
  const args = ["--import", "tsx", tasks, threads, options.seconds];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", env: { ...clean, ...env } });
  return JSON.parse(output) as Rates;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

console.log("| machine | threads wait | simulate | train | score |\n| --- | --- | --- | --- | --- |");
for (const busy of [0, Number(options.busy)]) {
  const loops: ChildProcess[] = Array.from({ length: busy }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  const results = new Map<string, Rates[]>(Object.keys(SETTINGS).map((name) => [name, []]));
  try {
    for (let round = 0; round < Number(options.rounds); round++)
      for (const [name, rates] of results) rates.push(measured(name));
  } finally {
    for (const loop of loops) loop.kill();
  }
  for (const [name, rates] of results) {
    const cells = (["simulate", "train", "score"] as const).map((task) =>
      median(rates.map((one) => one[task])).toFixed(0),
    );
    console.log(`| ${busy === 0 ? "quiet" : `${busy} busy loops`} | ${name} | ${cells.join(" | ")} |`);
  }
}
