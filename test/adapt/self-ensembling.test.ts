/** Self-ensembling: a teacher that is the student's average, and the losses by which it teaches. */
import { expect, test } from "vitest";
import { lossBalance, lossCons } from "../../src/adapt/self-ensembling.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { pixels, stepAt } from "../tiny/network.ts";
import { gradient, mean, type Params } from "./plain.ts";
import {
  batchesOf,
  crossEntropy,
  expectClose,
  features,
  LABELS,
  logits,
  NETWORK,
  PRIOR,
  pick,
  sgd,
  softmax,
  stateOf,
  statistics,
  sum,
  trainerOf,
} from "./plain-network.ts";

test("two steps of student and teacher match a plain re-derivation, buffers averaged too", () => {
  // Confidences of a tiny network: the mask is on for some images and off for others.
  const more = { consistency: 3, classBalance: 0.4, confidence: 0.5, alpha: 0.9 };
  const { trainer, end } = trainerOf("self-ensembling", more);
  let p = pick(stateOf(trainer), "student", NETWORK);
  let teacher = p;
  let running = pick(stateOf(trainer), "student", ["encoder.norm.running_mean", "encoder.norm.running_var"]);
  let averaged = running;
  const velocity: Params = {};
  const masks: number[] = [];
  for (const step of [0, 1]) {
    const [xS, xT] = [pixels(5, step), pixels(7, step + 20)];
    const predicted = (at: Params) => features(at, xT).map((f) => softmax(logits(at, f)));
    const pTeacher = predicted(teacher);
    const mask = pTeacher.map((q) => Number(Math.max(...q) > 0.5));
    masks.push(...mask);
    const g = gradient(p, (at) => {
      const cls = mean(features(at, xS).map((f, i) => crossEntropy(logits(at, f), LABELS[i]!)));
      const q = predicted(at);
      const consistency = mean(
        q.map((row, i) => mask[i]! * mean(row.map((value, k) => (value - pTeacher[i]![k]!) ** 2))),
      );
      const part = PRIOR.map((_, k) => mean(q.map((row) => row[k]!)));
      const balance = -sum(part.map((m, k) => PRIOR[k]! * Math.log(m) + (1 - PRIOR[k]!) * Math.log(1 - m)));
      return cls + 3 * consistency + 0.4 * balance * mean(mask);
    });
    // The student's running statistics are the target's; the teacher's move by its own pass, and then to the student's.
    const moved = (at: Params, before: Params): Params => {
      const { centre, variance } = statistics(at, xT);
      return {
        "encoder.norm.running_mean": centre.map(
          (m, j) => 0.9 * before["encoder.norm.running_mean"]![j]! + 0.1 * m,
        ),
        "encoder.norm.running_var": variance.map(
          (v, j) => 0.9 * before["encoder.norm.running_var"]![j]! + (0.1 * v * 7) / 6,
        ),
      };
    };
    [running, averaged] = [moved(p, running), moved(teacher, averaged)];
    p = sgd(p, g, velocity);
    const follow = (before: Params, to: Params): Params =>
      Object.fromEntries(
        Object.entries(before).map(([name, values]) => [
          name,
          values.map((value, i) => 0.9 * value + 0.1 * to[name]![i]!),
        ]),
      );
    [teacher, averaged] = [follow(teacher, p), follow(averaged, running)];
    tidy(() => void trainer.step(0, batchesOf(xS, xT), stepAt(step)));
    expectClose(pick(stateOf(trainer), "student"), { ...p, ...running });
    expectClose(pick(stateOf(trainer), "teacher"), { ...teacher, ...averaged });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("masked consistency, and a balance that is least at the expected prior", () => {
  const p = tensor([
    [0.9, 0.1],
    [0.4, 0.6],
  ]);
  const teacher = tensor([
    [0.7, 0.3],
    [0, 1],
  ]);
  expect(lossCons(p, teacher, tensor([1, 0])).item()).toBeCloseTo(0.04 / 2, 6);
  const at = (lens: number) => lossBalance(tensor([[1 - lens, lens]]), tensor([0.9, 0.1])).item();
  expect(at(0.1)).toBeLessThan(at(0.5));
  expect(at(0.1)).toBeLessThan(at(0.02));
  expect(at(0.5)).toBeCloseTo(2 * Math.log(2), 5);
});

test("a class that is predicted nowhere is pulled back: the balance's gradient is that of log(p + 1e-6)", () => {
  const p = tensor([
    [1, 0],
    [1, 0],
  ]);
  p.withGrad();
  const loss = lossBalance(p, tensor([0.9, 0.1]));
  // −Σ π log(p + ε) + (1 − π) log(1 − p + ε), at p = (1, 0).
  const e = 1e-6;
  const ofClass = (prior: number, mean: number) =>
    prior * Math.log(mean + e) + (1 - prior) * Math.log(1 - mean + e);
  expect(loss.item()).toBeCloseTo(-ofClass(0.9, 1) - ofClass(0.1, 0), 3);
  loss.backward();
  const slope = (prior: number, mean: number) => -(prior / (mean + e) - (1 - prior) / (1 - mean + e)) / 2;
  const gradient = p.grad!.numbers();
  expect(gradient[0]! / slope(0.9, 1)).toBeCloseTo(1, 3);
  expect(gradient[1]! / slope(0.1, 0)).toBeCloseTo(1, 3);
  expect(gradient[1]!).toBeLessThan(-4e4);
});
