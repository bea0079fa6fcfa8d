/** Two steps of the methods that keep averages or statistics beside their network, worked out again in plain numbers. */
import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { affine, gradient, mean, type Params } from "./plain.ts";
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
import { contextOf, pixels, place, tinyNetwork } from "./tiny.ts";

test("self-ensembling: two steps of student and teacher match a plain re-derivation, buffers averaged too", () => {
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
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(step)));
    expectClose(pick(stateOf(trainer), "student"), { ...p, ...running });
    expectClose(pick(stateOf(trainer), "teacher"), { ...teacher, ...averaged });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("AdaMatch: two steps match a plain re-derivation; the pass of the source alone leaves no trace in batch norm", () => {
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
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(step)));
    expectClose(pick(stateOf(trainer), "network"), { ...p, ...running });
    // Batch norm's buffers are copied into the average, not averaged.
    expectClose(pick(stateOf(trainer), "average"), { ...average, ...running });
  }
  expect(new Set(masks)).toEqual(new Set([0, 1]));
  end();
});

test("AdaBN: statistics are the mean of the target's batches, and nothing else changes", () => {
  const network = tinyNetwork(K);
  const method = methods.find("adabn");
  const trainer = method.build(
    method.schema.parse({ batch: 7 }),
    contextOf(network, K, { pretrained: true }),
  );
  trainer.begin(0);
  const before = pick(stateOf(trainer), "network");
  const p = pick(stateOf(trainer), "network", NETWORK);
  const made = [0, 1].map((step) => {
    const xT = pixels(7, step + 20);
    tidy(() => void trainer.step(0, batchesOf(pixels(5, step), xT), place(step)));
    return statistics(p, xT);
  });
  const now = pick(stateOf(trainer), "network");
  for (const name of NETWORK) expect(now[name]).toEqual(before[name]);
  expectClose(now, {
    "encoder.norm.running_mean": made[0]!.centre.map((m, j) => (m + made[1]!.centre[j]!) / 2),
    "encoder.norm.running_var": made[0]!.variance.map((v, j) => ((v + made[1]!.variance[j]!) / 2) * (7 / 6)),
  });
  [trainer, network].forEach((one) => {
    one.dispose();
  });
});

test("batch norm apart: each domain by its own statistics, and the running ones are the target's alone", () => {
  const { trainer, end } = trainerOf("mcc", { batchNorm: "apart", weight: 0 });
  const p = pick(stateOf(trainer), "network", NETWORK);
  const [xS, xT] = [pixels(5, 1), pixels(7, 21)];
  const made = tidy(() => {
    const { loss } = trainer.step(0, batchesOf(xS, xT), place(0));
    return typeof loss === "number" ? loss : loss!.item();
  });
  expect(made).toBeCloseTo(mean(features(p, xS).map((f, i) => crossEntropy(logits(p, f), LABELS[i]!))), 5);
  const { centre } = statistics(p, xT);
  expectClose(pick(stateOf(trainer), "network"), { "encoder.norm.running_mean": centre.map((m) => 0.1 * m) });
  end();
});

const NORM = ["encoder.norm.running_mean", "encoder.norm.running_var"];

/** Features by given statistics of batch norm, as in evaluation. */
const evaluated = (p: Params, rows: number[][], centre: number[], variance: number[]) =>
  rows.map((x) =>
    affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!).map((value, j) =>
      Math.tanh(
        ((value - centre[j]!) / Math.sqrt(variance[j]! + 1e-5)) * p["encoder.norm.weight"]![j]! +
          p["encoder.norm.bias"]![j]!,
      ),
    ),
  );

test.each(
  ["mcc", "self-ensembling"].flatMap((name) => ["source", "target"].map((mode) => [name, mode] as const)),
)(
  "%s, batch norm by the running statistics of the %s: they are the ones that the source is learned by",
  (name, mode) => {
    const off = name === "mcc" ? { weight: 0 } : { consistency: 0, classBalance: 0, alpha: 0 };
    const { trainer, network, end } = trainerOf(name, { batchNorm: mode, ...off });
    const part = name === "mcc" ? "network" : "student";
    tidy(() => {
      const state = network.state();
      state.get(NORM[0]!)!.copy_(tensor([0.3, -0.2, 0.1]));
      state.get(NORM[1]!)!.copy_(tensor([0.5, 2, 1.5]));
    });
    trainer.begin(0);
    const [running, p] = [pick(stateOf(trainer), part, NORM), pick(stateOf(trainer), part, NETWORK)];
    expect(running[NORM[0]!]![0]).toBeCloseTo(0.3, 6);
    const [xS, xT] = [pixels(5, 1), pixels(7, 2)];
    const ofTarget = statistics(p, xT);
    const moved = (values: number[], to: number[]) => values.map((value, j) => 0.9 * value + 0.1 * to[j]!);
    const expected =
      mode === "source"
        ? running
        : {
            [NORM[0]!]: moved(running[NORM[0]!]!, ofTarget.centre),
            [NORM[1]!]: moved(
              running[NORM[1]!]!,
              ofTarget.variance.map((value) => (value * 7) / 6),
            ),
          };
    const g = gradient(p, (at) => {
      const f = evaluated(at, xS, expected[NORM[0]!]!, expected[NORM[1]!]!);
      return mean(f.map((one, i) => crossEntropy(logits(at, one), LABELS[i]!)));
    });
    tidy(() => void trainer.step(0, batchesOf(xS, xT), place(0)));
    expectClose(pick(stateOf(trainer), part), { ...sgd(p, g, {}), ...expected });
    end();
  },
);

test("batch norm by running statistics needs a network that was trained", () => {
  const network = tinyNetwork(K);
  for (const name of ["mcc", "self-ensembling"]) {
    const { schema, build } = methods.find(name);
    const settings = schema.parse({ batchNorm: "target" });
    expect(() => build(settings, contextOf(network, K))).toThrow(
      'train: batchNorm must be together or apart without a start (--from, or sourceFirst), got "target"',
    );
    build(settings, contextOf(network, K, { pretrained: true })).dispose();
  }
  network.dispose();
});
