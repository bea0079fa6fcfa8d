/**
 * Images a second of the simulator, at fixed and adaptive supersampling, and their errors against supersampling 15; beside
 * lenstronomy's. `bench/simulate/run.sh` starts it.
 *
 * An error is the greatest difference in an image over the image's peak (its mean and greatest over the images), and the
 * root of the mean square difference over the peak. Arclet's fixed supersampling is lenstronomy's to 2e-7 of the peak
 * (test/lensing/render.test.ts), so the error of 3 is also lenstronomy's. Its number of pixels is given by position: the
 * argument has had two names.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { observe } from "../../src/lensing/observe.ts";
import { type RenderOptions, render } from "../../src/lensing/render.ts";
import type { Scene } from "../../src/lensing/scene.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { LENSTRONOMY } from "./lenstronomy.ts";
import { type Case, caseOf, SIZE, SURVEY, sceneOf } from "./scenes.ts";

/** lenstronomy (main of 2026-07-31) on the two cores this was written on, images a second. */
const RECORDED: Record<number, number> = { 1: 637, 3: 175 };

const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "512" },
    threads: { type: "string", default: String(availableParallelism()) },
    seconds: { type: "string", default: "2" },
    tolerances: { type: "string", default: "" },
    errors: { type: "string", default: "96" },
  },
});
setThreads(Number(options.threads));
const cases: Case[] = Array.from({ length: Number(options.images) }, (_, i) => caseOf(i));
const scenes = cases.map(sceneOf);
const BATCH = 128;

function simulate(list: readonly Scene[], rendering: RenderOptions): void {
  for (let first = 0; first < list.length; first += BATCH) {
    const some = list.slice(first, first + BATCH);
    const { images } = render(some, SURVEY, SIZE, rendering);
    const seen = observe(
      images,
      some,
      some.map((_, k) => first + k),
      SURVEY,
    );
    seen.data();
    for (const one of [images, seen]) one.dispose();
  }
}

/** Images a second, the best of the runs that fit into the time. */
function speed(rendering: RenderOptions): number {
  simulate(scenes.slice(0, BATCH), rendering);
  let best = 0;
  for (let left = Number(options.seconds) * 1e3; left > 0; ) {
    const start = performance.now();
    const some = scenes.slice(0, Math.max(BATCH, Math.min(scenes.length, 4 * BATCH)));
    simulate(some, rendering);
    const took = performance.now() - start;
    best = Math.max(best, (some.length / took) * 1e3);
    left -= took;
  }
  return best;
}

const few = scenes.slice(0, Number(options.errors));
function pixelsOf(rendering: RenderOptions): Float64Array {
  const { images } = render(few, SURVEY, SIZE, { dtype: "float64", ...rendering });
  const pixels = Float64Array.from(images.data() as ArrayLike<number>);
  images.dispose();
  return pixels;
}

interface Errors {
  mean: number;
  worst: number;
  rms: number;
}

function errorsOf(got: Float64Array, want: Float64Array): Errors {
  const area = SIZE ** 2;
  const each = few.map((_, i) => {
    let [peak, most, squares] = [0, 0, 0];
    for (let k = i * area; k < (i + 1) * area; k++) {
      const difference = Math.abs(got[k]! - want[k]!);
      peak = Math.max(peak, want[k]!);
      most = Math.max(most, difference);
      squares += difference ** 2;
    }
    return { most: most / peak, rms: Math.sqrt(squares / area) / peak };
  });
  return {
    mean: each.reduce((sum, { most }) => sum + most, 0) / few.length,
    worst: Math.max(...each.map(({ most }) => most)),
    rms: Math.sqrt(each.reduce((sum, { rms }) => sum + rms ** 2, 0) / few.length),
  };
}

/** lenstronomy's images a second, measured here; or why there are none. */
function lenstronomy(): Record<number, number> | string {
  if (spawnSync("python3", ["-c", "import lenstronomy"]).status !== 0) return "not installed here";
  const run = spawnSync("python3", ["-c", LENSTRONOMY], {
    input: JSON.stringify([cases.slice(0, 200), Number(options.seconds)]),
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: options.threads, OPENBLAS_NUM_THREADS: options.threads },
  });
  if (run.status !== 0) return `failed here (${run.stderr.trim().split("\n").pop()})`;
  return Object.fromEntries(
    run.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number) as [number, number]),
  );
}

const measured = lenstronomy();
const theirs = typeof measured === "string" ? RECORDED : measured;
console.log(
  typeof measured === "string"
    ? `lenstronomy: ${measured}; its speed is the one recorded on two cores of the machine this was written on`
    : "lenstronomy: run here",
);
const reference = pixelsOf({ supersampling: 15 });
const show = (value: number) => value.toExponential(1).padStart(8);
console.log(
  `${"".padEnd(16)}${"images/s".padStart(9)}${"max/peak: mean".padStart(16)}${"worst".padStart(9)}${"rms/peak".padStart(10)}  lenstronomy`,
);
const rows: [string, RenderOptions][] = [
  ["fixed 1", { supersampling: 1 }],
  ["fixed 2", { supersampling: 2 }],
  ["fixed 3", { supersampling: 3 }],
  ["adaptive", {}],
  ...options.tolerances
    .split(",")
    .filter(Boolean)
    .map((t): [string, RenderOptions] => [`adaptive ${t}`, { tolerance: Number(t) }]),
];
const results = new Map<string, Errors & { speed: number }>();
for (const [name, rendering] of rows) {
  const errors = errorsOf(pixelsOf({ ...rendering, dtype: "float32" }), reference);
  const result = { ...errors, speed: speed(rendering) };
  results.set(name, result);
  const beside = name.startsWith("fixed") ? theirs[Number(name.slice(6))] : undefined;
  console.log(
    `${name.padEnd(16)}${result.speed.toFixed(0).padStart(9)}${show(errors.mean).padStart(16)}${show(errors.worst).padStart(9)}${show(errors.rms).padStart(10)}  ${beside === undefined ? "" : beside.toFixed(0)}`,
  );
}
const [adaptive, three] = [results.get("adaptive")!, results.get("fixed 3")!];
const ratio = adaptive.speed / theirs[3]!;
console.log(
  `adaptive is ${ratio.toFixed(1)} times lenstronomy at supersampling 3, its errors ${(adaptive.mean / three.mean).toFixed(2)} (mean), ` +
    `${(adaptive.worst / three.worst).toFixed(2)} (worst) and ${(adaptive.rms / three.rms).toFixed(2)} (rms) of that one's`,
);
