/** Graded rows beside the source: soft cross-entropy, and what AdaMatch, Self-Ensembling and the joint methods do with it. */
import { expect, test } from "vitest";
import { blockParameters } from "../../src/adapt/blocks.ts";
import { lossGraded as lossOf } from "../../src/adapt/graded.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { Tensor } from "../../src/torch/tensor.ts";
import { pixels, stepAt, tinyNetwork } from "../tiny/network.ts";
import { gradient, mean, type Params } from "./plain.ts";
import { confusion } from "./plain-confusion.ts";
import {
  batchesOf,
  crossEntropy,
  DECAY,
  expectClose,
  features,
  K,
  LABELS,
  logits,
  lossGraded,
  NETWORK,
  pick,
  seen,
  sgd,
  stateOf,
  trainerOf,
} from "./plain-network.ts";

const GRADED = { gradedBatch: 4 };
const [xS, xT, xG] = [pixels(5, 3), pixels(5, 23), pixels(4, 40)];

/** One step of a method, and the same by plain numbers. @param decays whether a parameter has weight decay */
function expectStep(
  name: string,
  { settings, part, loss }: { settings: Record<string, unknown>; part: string; loss(p: Params): number },
  decays = (_: string) => true,
): void {
  const { trainer, end } = trainerOf(name, settings, 5, GRADED);
  expect(trainer.phases[0]!.batch.graded).toBe(4);
  const p = pick(stateOf(trainer), part, NETWORK);
  const next = sgd(p, gradient(p, loss), {}, (parameter) => (decays(parameter) ? DECAY : 0));
  const graded = tidy(() => {
    const { lossGraded: value } = trainer.step(0, batchesOf(xS, xT, xG), stepAt(3));
    return value instanceof Tensor ? value.item() : Number(value);
  });
  expect(graded).toBeGreaterThan(0);
  expectClose(pick(stateOf(trainer), part), next);
  end();
}

const outputs = (p: Params, rows: number[][]) => features(p, rows).map((f) => logits(p, f));
const ofSource = (z: number[][]) => mean(z.map((row, i) => crossEntropy(row, LABELS[i % 5]!)));

test("soft cross-entropy, by hand", () => {
  // log softmax of (ln 3, 0): ln 3/4 and ln 1/4.
  const z = tensor([
    [Math.log(3), 0],
    [0, 0],
  ]);
  const y = tensor([
    [0.5, 0.5],
    [1, 0],
  ]);
  const first = -0.5 * (Math.log(3 / 4) + Math.log(1 / 4));
  expect(lossOf(z, y).item()).toBeCloseTo((first + Math.log(2)) / 2, 6);
  // With a smoothing of 0.2 the second label is (0.9, 0.1), and its loss the same, since both logits are.
  expect(lossOf(z, y, 0.2).item()).toBeCloseTo((first + Math.log(2)) / 2, 6);
  const sure = tensor([[0, 1]]);
  const smooth = lossOf(z.narrow(0, 0, 1), sure, 0.2).item();
  expect(smooth).toBeCloseTo(-(0.1 * Math.log(3 / 4) + 0.9 * Math.log(1 / 4)), 6);
});

test("MCC: graded rows add their cross-entropy; the confusion is of the unlabelled target alone", () => {
  const { trainer, end } = trainerOf("mcc", {});
  const now = outputs(pick(stateOf(trainer), "network", NETWORK), [...xS, ...xT, ...xG]).slice(5, 10);
  end();
  expectStep("mcc", {
    settings: { weight: 0.9, gradedWeight: 0.6 },
    part: "network",
    loss: (p) => {
      const z = outputs(p, [...xS, ...xT, ...xG]);
      return (
        ofSource(z.slice(0, 5)) + 0.9 * confusion(z.slice(5, 10), now, 2.5) + 0.6 * lossGraded(z.slice(10))
      );
    },
  });
});

test("Self-Ensembling: the student learns graded rows, normalised with the target's batch", () => {
  expectStep("self-ensembling", {
    settings: { consistency: 0, classBalance: 0, gradedWeight: 0.6 },
    part: "student",
    loss: (p) => ofSource(outputs(p, xS)) + 0.6 * lossGraded(outputs(p, [...xT, ...xG]).slice(5)),
  });
});

test("AdaMatch: a graded image counts for as many source images as its weight says, in both views", () => {
  const lambda = tidy(() => new Generator(1).uniform([10, K]).numbers());
  const source = [...xS, ...seen(xS, "strong")];
  const all = [...source, ...xT, ...seen(xT, "strong"), ...xG, ...seen(xG, "strong")];
  expectStep(
    "adamatch",
    {
      settings: { uratio: 1, pseudo: 0, gradedWeight: 1.5 },
      part: "network",
      loss: (p) => {
        const [alone, z] = [outputs(p, source), outputs(p, all)];
        const zS = alone.map((row, i) =>
          row.map((value, k) => z[i]![k]! + lambda[i * K + k]! * (value - z[i]![k]!)),
        );
        return (5 * ofSource(zS) + 1.5 * 4 * lossGraded(z.slice(20))) / (5 + 1.5 * 4);
      },
    },
    (parameter) => /(linear|classifier).weight/.test(parameter),
  );
});

test("a network's parameters by blocks; one that is in none is refused", () => {
  const network = tinyNetwork(K);
  const { blocks, rest } = blockParameters(network, [["encoder.linear"], ["encoder.norm"]]);
  expect(blocks.map((block) => [...block.keys()])).toEqual([NETWORK.slice(0, 2), NETWORK.slice(2, 4)]);
  expect([...rest.keys()]).toEqual(NETWORK.slice(4));
  expect(() => blockParameters(network, [["encoder.linear"]])).toThrow(
    /blocks must be such that every parameter is in one, got "encoder.norm.weight"/,
  );
  network.dispose();
});
