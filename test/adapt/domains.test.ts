/** Whose statistics batch norm uses. */
import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { contextOf, pixels, stepAt, tinyNetwork } from "../tiny/network.ts";
import { affine, gradient, mean, type Params } from "./plain.ts";
import {
  batchesOf,
  crossEntropy,
  expectClose,
  features,
  K,
  LABELS,
  logits,
  NETWORK,
  pick,
  sgd,
  stateOf,
  statistics,
  trainerOf,
} from "./plain-network.ts";

test("batch norm apart: each domain by its own statistics, and the running ones are the target's alone", () => {
  const { trainer, end } = trainerOf("mcc", { batchNorm: "apart", weight: 0 });
  const p = pick(stateOf(trainer), "network", NETWORK);
  const [xS, xT] = [pixels(5, 1), pixels(7, 21)];
  const loss = tidy(() => {
    const numbers = trainer.step(0, batchesOf(xS, xT), stepAt(0));
    return typeof numbers.loss === "number" ? numbers.loss : numbers.loss!.item();
  });
  expect(loss).toBeCloseTo(mean(features(p, xS).map((f, i) => crossEntropy(logits(p, f), LABELS[i]!))), 5);
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
)("%s, batch norm by the running statistics of the %s: the source is learned with them", (name, mode) => {
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
    return mean(f.map((row, i) => crossEntropy(logits(at, row), LABELS[i]!)));
  });
  tidy(() => void trainer.step(0, batchesOf(xS, xT), stepAt(0)));
  expectClose(pick(stateOf(trainer), part), { ...sgd(p, g, {}), ...expected });
  end();
});

test("batch norm by running statistics needs a trained network", () => {
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
