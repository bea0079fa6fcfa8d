import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ones } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { bfloat16Cost } from "../../src/train/bfloat16-cost.ts";
import { MODEL_FILE } from "../../src/train/model.ts";
import { Compute, fasterPrecision, timingText } from "../../src/train/precision.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { timeNetwork } from "../../src/train/timing.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";
import { tinyNetwork } from "../tiny/network.ts";

slow("times training");

type Steps = Record<Compute["precision"], number>;

/** Times steps on a clock that only they move: by the given milliseconds for their precision, the first by more. */
async function timed(compute: Compute, milliseconds: Steps, cost = 1) {
  let [time, taken] = [0, 0];
  const fresh = new Set(["float32", "bfloat16"]);
  const step = () => {
    taken++;
    time += milliseconds[compute.precision] + (fresh.delete(compute.precision) ? 1000 : 0);
  };
  const timing = await fasterPrecision(compute, step, { now: () => time, cost: () => cost });
  return { timing, taken };
}

test("auto takes bfloat16 if it saves a tenth of the time, else float32", async () => {
  const compute = new Compute("cpu");
  const steps = { float32: 20, bfloat16: 10 };
  const { timing } = await timed(compute, steps, 1.5);
  expect(compute.precision).toBe("bfloat16");
  expect(timing).toEqual({ precision: "bfloat16", steps, cost: 1.5 });
  expect(timingText(timing, "a step")).toBe("float32 20.0 ms a step, bfloat16 10.0 ms a step");
  const { timing: alike } = await timed(compute, { float32: 20, bfloat16: 19.5 });
  expect(alike.precision).toBe("float32");
  expect(compute.precision).toBe("float32");
});

test("where a small convolution takes many times as long in bfloat16, auto takes float32 without a step", async () => {
  const compute = new Compute("cpu");
  compute.precision = "bfloat16";
  const { timing, taken } = await timed(compute, { float32: 20, bfloat16: 10 }, 21.4);
  expect(taken).toBe(0);
  expect(compute.precision).toBe("float32");
  expect(timing).toEqual({ precision: "float32", steps: null, cost: 21.4 });
  expect(timingText(timing, "a step")).toBe("a small convolution takes 21 times as long in bfloat16 here");
  // A little longer says nothing: a network's own convolutions are larger.
  expect((await timed(compute, { float32: 20, bfloat16: 10 }, 4)).timing.precision).toBe("bfloat16");
});

test("what bfloat16 costs is measured on the processor, and not asked of a GPU", () => {
  const cost = bfloat16Cost("cpu");
  expect(cost).toBeGreaterThan(0);
  expect(bfloat16Cost("cpu")).toBe(cost);
  expect(bfloat16Cost("cuda:0")).toBe(1);
});

test("only precisions that are worth it are timed for a network", () => {
  const network = tinyNetwork(2);
  try {
    const { train, score } = timeNetwork(network, [4, 1, 2, 2], 0.01, ["float32"]);
    for (const { float32, bfloat16 } of [train, score]) {
      expect(Number.isFinite(float32)).toBe(true);
      expect(bfloat16).toBe(Number.POSITIVE_INFINITY);
    }
  } finally {
    network.dispose();
  }
});

test("networks compute in the precision that is set", () => {
  const compute = new Compute("cpu");
  const product = () => tidy(() => compute.run(() => ones([2, 2]).matmul(ones([2, 2]))).dtype);
  expect(product()).toBe("float32");
  compute.precision = "bfloat16";
  expect(product()).toBe("bfloat16");
});

test("timing both precisions leaves no trace in the training", async () => {
  const folder = temporaryFolder();
  try {
    const source = await writeSource(folder.path);
    const target = await writeTarget(folder.path);
    const messages: string[] = [];
    const run = (out: string, precision: string) =>
      train(
        configOf({ source, target, out: join(folder.path, out), precision }),
        {},
        { say: (line) => messages.push(line) },
      );
    await run("auto", "auto");
    const { resolved } = readRunConfig(join(folder.path, "auto"));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(
      new RegExp(
        `^precision: ${resolved.precision} \\((float32 [\\d.]+ ms a step, bfloat16 [\\d.]+ ms a step|a small convolution .*)\\)$`,
      ),
    );
    await run("given", resolved.precision);
    const model = (out: string) => readFileSync(join(folder.path, out, MODEL_FILE));
    expect(model("auto").equals(model("given"))).toBe(true);
  } finally {
    folder.remove();
  }
});
