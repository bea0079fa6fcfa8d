/** Fine-tuning: which blocks move, at which rate, and what batch norm does. */
import { expect, test } from "vitest";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { Tensor } from "../../src/torch/tensor.ts";
import { pixels, stepAt } from "../tiny/network.ts";
import { affine, gradient, type Params } from "./plain.ts";
import {
  DECAY,
  expectClose,
  features,
  GRADES,
  logits,
  lossGraded,
  NETWORK,
  pick,
  stateOf,
  trainerOf,
} from "./plain-network.ts";

const RATE = 0.05;
const BUFFERS = ["encoder.norm.running_mean", "encoder.norm.running_var"];
const xG = pixels(4, 7);

/** Features by fresh running statistics: mean 0, variance 1. */
const heldFeatures = (p: Params, rows: number[][]) =>
  rows.map((x) =>
    affine(x, p["encoder.linear.weight"]!, p["encoder.linear.bias"]!).map((value, j) =>
      Math.tanh((value / Math.sqrt(1 + 1e-5)) * p["encoder.norm.weight"]![j]! + p["encoder.norm.bias"]![j]!),
    ),
  );

const graded = () => ({ graded: { view: () => tensor(xG.flat(), [4, 1, 2, 2]), labels: tensor(GRADES) } });

/** One step, and the same by plain numbers: `rates` by the beginning of a parameter's name, 0 for one that is held. */
function expectStep(
  settings: Record<string, unknown>,
  rates: Record<string, number>,
  passed: (p: Params, rows: number[][]) => number[][],
): Record<string, number[]> {
  const { trainer, network, end } = trainerOf("fine-tune", settings, 5, { gradedBatch: 4 });
  const p = pick(stateOf(trainer), "network", NETWORK);
  const g = gradient(p, (at) => lossGraded(passed(at, xG).map((f) => logits(at, f))));
  const next = Object.fromEntries(
    Object.entries(p).map(([name, values]) => {
      const rate = Object.entries(rates).find(([start]) => name.startsWith(start))![1];
      return [name, values.map((value, i) => value - RATE * rate * (g[name]![i]! + DECAY * value))];
    }),
  );
  const loss = lossGraded(passed(p, xG).map((f) => logits(p, f)));
  const got = tidy(() => {
    const { lossGraded: value } = trainer.step(0, graded(), stepAt(3));
    return value instanceof Tensor ? value.item() : Number(value);
  });
  expect(got).toBeCloseTo(loss, 5);
  const after = pick(stateOf(trainer), "network");
  expectClose(after, next, 5);
  for (const [name, rate] of Object.entries(rates))
    if (rate === 0)
      for (const [key, values] of Object.entries(p))
        if (key.startsWith(name)) expect(pick(stateOf(trainer), "network")[key]).toEqual(values);
  expect([...network.namedParameters().values()].every(({ requiresGrad }) => requiresGrad)).toBe(true);
  end();
  return Object.fromEntries(BUFFERS.map((name) => [name, after[name]!]));
}

test("all blocks move at rates that fall from the classifier down; held batch norm stays as it was", () => {
  const rates = { classifier: 1, "encoder.norm": 0.5, "encoder.linear": 0.25 };
  const buffers = expectStep({ layerDecay: 0.5 }, rates, heldFeatures);
  expect(buffers).toEqual({ [BUFFERS[0]!]: [0, 0, 0], [BUFFERS[1]!]: [1, 1, 1] });
});

test("the blocks before the last N stay as they are, to the last bit", () => {
  expectStep({ trainLast: 1 }, { classifier: 1, "encoder.norm": 1, "encoder.linear": 0 }, heldFeatures);
  expectStep({ trainLast: 0 }, { classifier: 1, "encoder.norm": 0, "encoder.linear": 0 }, heldFeatures);
});

test("batch norm that is not held takes the graded rows' statistics", () => {
  const rates = { classifier: 1, "encoder.norm": 1, "encoder.linear": 1 };
  const buffers = expectStep({ normHeld: false }, rates, features);
  expect(buffers[BUFFERS[0]!]).not.toEqual([0, 0, 0]);
});

test("without a start the source is learned first; then only graded rows are drawn, and no tensor is left", () => {
  const before = liveTensors();
  const { trainer, end } = trainerOf("fine-tune", {}, 5, { gradedBatch: 4, pretrained: false });
  expect(trainer.phases.map(({ name, batch }) => [name, batch])).toEqual([
    ["source", { source: 5, target: 0 }],
    ["adapt", { source: 0, target: 0, graded: 4 }],
  ]);
  trainer.begin(1);
  tidy(() => void trainer.step(1, graded(), stepAt(0)));
  const after = liveTensors();
  tidy(() => void trainer.step(1, graded(), stepAt(1)));
  expect(liveTensors()).toBe(after);
  end();
  expect(liveTensors()).toBe(before);
});
