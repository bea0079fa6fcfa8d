/**
 * The engine's tasks as Arclet does them; tasks.py does the same with Python's torch. Prints one JSON object of
 * seconds (or bytes a second) by task.
 *
 *   node --import tsx bench/engine/tasks.ts THREADS FILE
 */
import { ReLU } from "../../src/nn/activations.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Module } from "../../src/nn/module.ts";
import { AdamW } from "../../src/nn/optim/adamw.ts";
import { GlobalAvgPool } from "../../src/nn/pooling.ts";
import { Sequential } from "../../src/nn/sequential.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { machine, setThreads } from "../../src/torch/machine.ts";
import { mapFile } from "../../src/torch/mapped.ts";
import { crossEntropy } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { keep, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const [, , threads = "1", file = ""] = process.argv;
setThreads(Number(threads));

/** Seconds of the fastest and of the middle of `rounds` runs. */
function timed(rounds: number, body: () => void): { least: number; median: number } {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    body();
    seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return { least: seconds[0] as number, median: seconds[rounds >> 1] as number };
}

const CALLS = 1000;

function smallAdd() {
  const a = keep(ones([4]));
  const b = keep(ones([4]));
  const run = () =>
    tidy(() => {
      for (let i = 0; i < CALLS; i++) a.add(b);
    });
  for (let i = 0; i < 20; i++) run();
  const { least, median } = timed(60, run);
  return { least: least / CALLS, median: median / CALLS };
}

const generator = new Generator(1);

/** Two 3×3 convolutions around a shortcut, as in ResNet's basic block. */
class Block extends Module {
  private readonly main: Sequential;
  private readonly shortcut: Sequential | null;

  constructor(input: number, output: number, stride: number) {
    super();
    const conv = (from: number, kernel: number, by: number) =>
      new Conv2d(from, output, kernel, generator, { stride: by, padding: kernel >> 1, bias: false });
    this.main = this.child(
      "main",
      new Sequential(
        conv(input, 3, stride),
        new BatchNorm(output),
        new ReLU(),
        conv(output, 3, 1),
        new BatchNorm(output),
      ),
    );
    this.shortcut =
      stride === 1
        ? null
        : this.child("shortcut", new Sequential(conv(input, 1, stride), new BatchNorm(output)));
  }

  forward(x: Tensor): Tensor {
    return this.main
      .forward(x)
      .add(this.shortcut === null ? x : this.shortcut.forward(x))
      .relu();
  }
}

/** A training step of a small ResNet: 24 images of 3×48×48, widths 32, 64, 128, two blocks each. */
function trainingStep(rounds: number) {
  const network = new Sequential(
    new Conv2d(3, 32, 3, generator, { padding: 1, bias: false }),
    new BatchNorm(32),
    new ReLU(),
    ...[
      [32, 32, 1],
      [32, 32, 1],
      [32, 64, 2],
      [64, 64, 1],
      [64, 128, 2],
      [128, 128, 1],
    ].map(([input, output, stride]) => new Block(input as number, output as number, stride as number)),
    new GlobalAvgPool(),
    new Linear(128, 2, generator),
  );
  const optimizer = new AdamW(network.namedParameters(), { lr: 1e-3 });
  const x = keep(generator.normal([24, 3, 48, 48]));
  const y = keep(generator.integers(0, 2, [24]));
  const step = () =>
    tidy(() => {
      optimizer.zeroGrad();
      const loss = crossEntropy(network.forward(x), y);
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  for (let i = 0; i < 3; i++) step();
  return timed(rounds, step);
}

const VALUES = 16 << 20; // 64 MB of float32

function throughput() {
  const values = new Float32Array(VALUES).fill(1);
  const there = keep(tensor(values));
  const bytes = VALUES * 4;
  const rate = (body: () => void) => bytes / timed(5, body).least;
  return {
    "typed array in": rate(() => tensor(values).dispose()),
    "typed array out": rate(() => void there.data()),
    "mapped file, summed": rate(() => tidy(() => mapFile(file, "float32", [VALUES]).sum().item())),
  };
}

console.log(
  JSON.stringify({
    torch: machine().torch,
    add: smallAdd(),
    step: trainingStep(Number(process.env.ARCLET_BENCH_STEPS ?? 8)),
    throughput: throughput(),
  }),
);
