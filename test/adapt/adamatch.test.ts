/** AdaMatch: pseudo-labels aligned with the expected prior, and logits between two passes. */
import { expect, test } from "vitest";
import { alignDistribution, muAt } from "../../src/adapt/adamatch.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { pixels, stepAt } from "../tiny/network.ts";
import { gradient, mean, type Params } from "./plain.ts";
import {
  batchesOf,
  crossEntropy,
  DECAY,
  expectClose,
  features,
  K,
  LABELS,
  logits,
  NETWORK,
  PRIOR,
  pick,
  seen,
  sgd,
  softmax,
  stateOf,
  statistics,
  sum,
  trainerOf,
} from "./plain-network.ts";

test("two steps match a plain re-derivation; the pass of the source alone leaves no trace in batch norm", () => {
  const more = { uratio: 1, tau: 0.95, average: 0.6, pseudo: 1 };
  const { trainer, end } = trainerOf("adamatch", more);
  let p = pick(stateOf(trainer), "network", NETWORK);
  let average = p;
  let running = pick(stateOf(trainer), "network", ["encoder.norm.running_mean", "encoder.norm.running_var"]);
  const window: number[][] = Array.from({ length: 128 }, () => [...PRIOR]);
  const velocity: Params = {};
  const generator = new Generator(1);
  const masks: number[] = [];
  for (const step of [3, 4]) {
    const [xS, xT] = [pixels(5, step), pixels(5, step + 20)];
    const source = [...xS, ...seen(xS, "strong")];
    const all = [...source, ...xT, ...seen(xT, "strong")];
    const lambda = tidy(() => generator.uniform([10, K]).numbers());
    /** Interpolated logits of the source (weak, strong), and those of the target. */
    const passed = (at: Params) => {
      const alone = features(at, source).map((f) => logits(at, f));
      const z = features(at, all).map((f) => logits(at, f));
      const zS = alone.map((row, i) =>
        row.map((value, k) => z[i]![k]! + lambda[i * K + k]! * (value - z[i]![k]!)),
      );
      return { zS, weak: z.slice(10, 15), strong: z.slice(15) };
    };
    const now = passed(p);
    const y = now.weak.map(softmax);
    window[step - 3] = y[0]!.map((_, k) => mean(y.map((row) => row[k]!)));
    const pT = window[0]!.map((_, k) => mean(window.map((row) => row[k]!)));
    const aligned = y.map((row) => {
      const moved = row.map((value, k) => (value * (PRIOR[k]! + 1e-6)) / (pT[k]! + 1e-6));
      return moved.map((value) => value / sum(moved));
    });
    const threshold = 0.95 * mean(now.zS.slice(0, 5).map((z) => Math.max(...softmax(z))));
    const mask = aligned.map((row) => Number(Math.max(...row) >= threshold));
    masks.push(...mask);
    const pseudo = aligned.map((row) => row.indexOf(Math.max(...row)));
    const mu = 0.5 - Math.cos(Math.min(Math.PI, (2 * Math.PI * step) / 10)) / 2;
    const g = gradient(p, (at) => {
      const { zS, strong } = passed(at);
      const onSource = mean(zS.map((z, i) => crossEntropy(z, LABELS[i % 5]!)));
      return onSource + mu * mean(strong.map((z, i) => mask[i]! * crossEntropy(z, pseudo[i]!)));
    });
    const { centre, variance } = statistics(p, all);
    running = {
      "encoder.norm.running_mean": centre.map(
        (m, j) => 0.9 * running["encoder.norm.running_mean"]![j]! + 0.1 * m,
      ),
      "encoder.norm.running_var": variance.map(
        (v, j) => 0.9 * running["encoder.norm.running_var"]![j]! + (0.1 * v * 20) / 19,
      ),
    };
    // Matrices decay; biases and batch norm's scales don't.
    p = sgd(p, g, velocity, (name) => (/(linear|classifier).weight/.test(name) ? DECAY : 0));
    const alpha = Math.min(0.6, (1 + step) / (10 + step));
    average = Object.fromEntries(
      Object.entries(average).map(([name, values]) => [
        name,
        values.map((value, i) => alpha * value + (1 - alpha) * p[name]![i]!),
      ]),
    );
    tidy(() => void trainer.step(0, batchesOf(xS, xT), stepAt(step)));
    expectClose(pick(stateOf(trainer), "network"), { ...p, ...running });
    // Batch norm's buffers are copied into the average, not averaged.
    expectClose(pick(stateOf(trainer), "average"), { ...average, ...running });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("alignment changes the label of a constructed image, and μ rises over the first half", () => {
  const y = tensor([[0.55, 0.45]]);
  const aligned = alignDistribution(y, tensor([0.2, 0.8]), tensor([0.5, 0.5])).numbers();
  expect(aligned[0]).toBeCloseTo((0.55 * 0.4) / (0.55 * 0.4 + 0.45 * 1.6), 5);
  expect(aligned[0]! + aligned[1]!).toBeCloseTo(1, 6);
  expect(aligned[1]).toBeGreaterThan(aligned[0]!);
  expect([0, 0.25, 0.5, 0.9].map((t) => Math.round(muAt(t) * 1e9) / 1e9)).toEqual([0, 0.5, 1, 1]);
});
