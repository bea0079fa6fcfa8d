/**
 * Images a second of the simulator with one process and with one a core, one thread of libtorch each, as `arclet simulate`
 * spreads batches over threads; beside lenstronomy at supersampling 3 spread the same way, if Python has it.
 *
 *   node --import tsx bench/simulate/cores.ts [SECONDS]
 */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { observe } from "../../src/lensing/observe.ts";
import { render } from "../../src/lensing/render.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { LENSTRONOMY } from "./lenstronomy.ts";
import { caseOf, SIZE, SURVEY, sceneOf } from "./scenes.ts";

const [, file, seconds = "20", child] = process.argv;
const BATCH = 128;

function drawFor(time: number): number {
  setThreads(1);
  const scenes = Array.from({ length: BATCH }, (_, i) => sceneOf(caseOf(i)));
  const batch = () => {
    const { images } = render(scenes, SURVEY, SIZE, {});
    const seen = observe(images, scenes, [...scenes.keys()], SURVEY);
    seen.data();
    for (const one of [images, seen]) one.dispose();
  };
  batch();
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < 1000 * time; count += BATCH) batch();
  return count / ((performance.now() - start) / 1000);
}

/** The sum of what so many processes print. */
async function together(count: number, start: () => Promise<number>): Promise<number> {
  const rates = await Promise.all(Array.from({ length: count }, start));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function printed(command: string, args: readonly string[], input = ""): Promise<string> {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const program = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  program.stdin.end(input);
  let text = "";
  program.stdout.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) =>
    program.on("close", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`)),
    ),
  );
}

if (child !== undefined) console.log(drawFor(Number(seconds)));
else {
  const cores = availableParallelism();
  const ours = async () =>
    Number(await printed(process.execPath, ["--import", "tsx", file!, seconds, "child"]));
  const one = await together(1, ours);
  const all = await together(cores, ours);
  console.log(
    `arclet, adaptive: ${one.toFixed(0)} images/s on one core, ${all.toFixed(0)} on ${cores}: ${(all / one).toFixed(2)} times`,
  );
  const python = process.env.PYTHON ?? "python3";
  if (spawnSync(python, ["-c", "import lenstronomy"]).status !== 0)
    console.log("lenstronomy: not installed here; PYTHON names a Python that has it");
  else {
    const input = JSON.stringify([Array.from({ length: 200 }, (_, i) => caseOf(i)), Number(seconds)]);
    const theirs = await together(cores, async () => {
      const lines = (await printed(python, ["-c", LENSTRONOMY], input)).trim().split("\n");
      return Number(lines.at(-1)!.split(" ")[1]);
    });
    console.log(
      `lenstronomy, 3 rays a side, ${cores} processes: ${theirs.toFixed(0)} images/s; arclet ${(all / theirs).toFixed(1)} times`,
    );
  }
}
