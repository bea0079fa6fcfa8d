/** The non-negative positive-unlabelled risk. */
import { describe, expect, test } from "vitest";
import type { Batches, MethodContext, Trainer } from "../../src/adapt/method.ts";
import { nnpu, risksOf, sharesOf } from "../../src/adapt/nnpu.ts";
import { sourceOnly } from "../../src/adapt/source-only.ts";
import { Draws } from "../../src/foundation/random.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Mlp } from "../../src/nn/mlp.ts";
import { Network } from "../../src/nn/network.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";
import {
  batchesOf,
  contextOf,
  numbersOf,
  pixels,
  sourceSettings,
  stepAt,
  tinyNetwork,
} from "../tiny/network.ts";
import { adamW, freshAdamW, gradient, logSumExp, mean, type Params } from "./plain.ts";
import { features, logits as logitsOf, NETWORK } from "./plain-network.ts";

slow("trains ten small networks");

const paper = { prior: 0.25, unlabelled: 0, weight: 0.25 };

/** Two classes with log odds of the labelled one (B): logits (B, 2). */
const odds = (values: number[]) =>
  tensor(
    values.flatMap((g) => [0, g]),
    [values.length, 2],
  );
const labelsOf = (values: number[]) => tensor(values, [values.length], { dtype: "int64" });

describe("the risk of two classes, by hand", () => {
  // p = σ(g): ln 3 → 3/4, −ln 3 → 1/4, 0 → 1/2.
  const [up, down] = [Math.log(3), -Math.log(3)];
  const shares = sharesOf(paper, [0.5, 0.5]);

  test("above zero, with the paper's sigmoid loss", () => {
    // Labelled: 3/4 and 1/2. Unlabelled: 1/4, 3/4, 1/2.
    const risk = risksOf(odds([up, 0, down, up, 0]), labelsOf([1, 1, 0, 0, 0]), shares, "sigmoid");
    expect(risk.positive.item()).toBeCloseTo(0.25 * ((0.25 + 0.5) / 2), 6); // π R_p⁺
    // R_u⁻ = (1/4 + 3/4 + 1/2) / 3 = 1/2, R_p⁻ = (3/4 + 1/2) / 2 = 5/8.
    expect(risk.negative!.item()).toBeCloseTo(0.5 - 0.25 * 0.625, 6);
  });

  test("below zero, with cross-entropy", () => {
    // Unlabelled rows known by heart: p = 1/4 for each; labelled ones: 3/4.
    const shares = sharesOf({ ...paper, prior: 0.5, weight: 0.5 }, [0.5, 0.5]);
    const risk = risksOf(odds([up, down, down]), labelsOf([1, 0, 0]), shares, "cross-entropy");
    expect(risk.positive.item()).toBeCloseTo(0.5 * Math.log(4 / 3), 6);
    expect(risk.negative!.item()).toBeCloseTo(Math.log(4 / 3) - 0.5 * Math.log(4), 6); // −0.405
    expect(risk.negative!.item()).toBeLessThan(0);
  });

  test("a batch without unlabelled rows has no risk of negatives", () => {
    const risk = risksOf(odds([up]), labelsOf([1]), shares, "sigmoid");
    expect(risk.negative).toBeNull();
    expect(risk.positive.item()).toBeCloseTo(0.25 * 0.25, 6);
  });

  test("with a prior of zero it is cross-entropy, classes weighted as they are drawn", () => {
    const drawn = sharesOf({ prior: 0, unlabelled: 0, weight: null }, [0.6, 0.4]);
    const values = [up, down, 0, down, up];
    const risk = risksOf(odds(values), labelsOf([1, 1, 0, 0, 0]), drawn, "cross-entropy");
    const each = [Math.log(4 / 3), Math.log(4), Math.log(2), Math.log(4 / 3), Math.log(4)];
    expect(risk.positive.item() + 0.6 * risk.negative!.item()).toBeCloseTo(mean(each), 6);
  });
});

test("of three classes one is unlabelled, and the prior is divided as the labelled rows are", () => {
  const shares = sharesOf({ prior: 0.1, unlabelled: 1, weight: null }, [0.3, 0.5, 0.2]);
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(9)));
  expect(rounded(shares.hidden)).toEqual([0.06, 0, 0.04]);
  expect(rounded(shares.weights)).toEqual([0.3, 0, 0.2]);
});

/** The step's loss in plain numbers: down the risk, or up that of the negatives. */
function plainRisk(p: Params, x: number[][], y: number[], back: (negative: number) => boolean) {
  const { prior, weight } = STEP;
  const losses = features(p, x).map((f) => {
    const z = logitsOf(p, f);
    return z.map((zk) => logSumExp(z) - zk);
  });
  const over = (label: number, k: number) =>
    mean(losses.filter((_, i) => y[i] === label).map((row) => row[k]!));
  const negative = over(0, 0) - prior * over(1, 0);
  const scaled = ((1 - weight) / (1 - prior)) * negative;
  return { negative, loss: back(negative) ? -scaled : weight * over(1, 1) + scaled };
}
const STEP = { prior: 0.97, weight: 0.3, unlabelled: 0, loss: "cross-entropy" as const, gamma: 0.5 };

test.each([
  ["down the risk", 2, false],
  ["up the risk of negatives that fell below −β, half as far", 0, true],
])("two whole steps %s match a plain re-derivation", (_, beta, expected) => {
  const network = tinyNetwork(2, 5);
  const trainer = nnpu.build({ ...STEP, beta }, contextOf(network, 2, { source: sourceSettings }));
  let params: Params = Object.fromEntries(numbersOf(network.namedParameters()));
  const state = freshAdamW();
  for (let step = 0; step < 2; step++) {
    const x = pixels(6, step + 3);
    // The network's own opinion as the labels: it knows its unlabelled rows.
    const odds = features(params, x)
      .map((f) => logitsOf(params, f))
      .map(([a, b]) => b! - a!);
    const top = odds.toSorted((a, b) => b - a)[1]!;
    const y = odds.map((value) => (value >= top ? 1 : 0));
    const { negative } = plainRisk(params, x, y, () => false);
    expect(negative).toBeLessThan(0);
    expect(negative < -beta).toBe(expected);
    const got = tidy(() => {
      const { loss: _, ...rest } = trainer.step(0, batchesOf(x, y, []), stepAt(step));
      return { takenBack: rest.takenBack, negativeRisk: rest.negativeRisk, lr: rest.lr as number };
    });
    expect(got.takenBack).toBe(expected ? 1 : 0);
    expect(got.negativeRisk).toBeCloseTo(negative, 5);
    const g = gradient(params, (p) => plainRisk(p, x, y, () => expected).loss);
    params = adamW(params, g, state, { lr: got.lr, decay: sourceSettings.weightDecay });
    expect(got.lr).toBeCloseTo(sourceSettings.lr * (expected ? 0.5 : 1) * COSINE[step]!, 9);
    const now = numbersOf(network.namedParameters());
    for (const name of NETWORK) {
      // The bias before batch norm has no gradient but rounding, which AdamW would scale up to a step.
      if (name === "encoder.linear.bias") params[name] = now.get(name)!;
      now.get(name)!.forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBeCloseTo(params[name]![i]!, 4);
      });
    }
  }
  trainer.dispose();
  network.dispose();
});
/** Half a cosine over ten steps. */
const COSINE = [1, (1 + Math.cos(Math.PI / 10)) / 2];

test("an index that is no class is refused", () => {
  const network = tinyNetwork(2);
  const settings = nnpu.schema.parse({ unlabelled: 2 });
  expect(() => nnpu.build(settings, contextOf(network, 2))).toThrow(/nnpu\.unlabelled must be an index/);
  network.dispose();
});

describe("two Gaussians, a tenth of the negatives hidden positives", () => {
  const DIMENSIONS = 16;
  /** Points around ±1 standard deviation on the diagonal: AUROC Φ(√2) = 0.921 at best. */
  const points = (d: Draws, labels: number[]) =>
    labels.map((y) =>
      Array.from({ length: DIMENSIONS }, () => d.normal((y === 1 ? 1 : -1) / Math.sqrt(DIMENSIONS))),
    );
  const input = (rows: number[][]) => tensor(rows.flat(), [rows.length, DIMENSIONS]);

  function aurocOf(seed: number, build: (context: MethodContext) => Trainer): number {
    const d = new Draws(seed, 1);
    const labels = Array.from({ length: 500 }, (_, i) => (i < 100 ? 1 : 0));
    const rows = points(
      d,
      labels.map((y, i) => (y === 1 || i % 10 === 0 ? 1 : 0)),
    );
    const tested = Array.from({ length: 2000 }, (_, i) => i % 2);
    const test = points(d, tested);
    const generator = new Generator(seed);
    const network = new Network(new Mlp([DIMENSIONS, 64, 64], generator), null, new Linear(64, 2, generator));
    const source = { ...sourceSettings, lr: 0.01, weightDecay: 0 };
    const trainer = build(contextOf(network, 2, { source, sourcePrior: [0.8, 0.2] }));
    for (let step = 0; step < 200; step++)
      tidy(() => {
        const taken = Array.from({ length: 50 }, () => Math.floor(d.uniform() * rows.length));
        const batch = {
          view: () => input(taken.map((i) => rows[i]!)),
          labels: labelsOf(taken.map((i) => labels[i]!)),
        };
        trainer.step(0, { source: batch } as Batches, stepAt(step, 200));
      });
    network.train(false);
    const scores = noGrad(() =>
      tidy(() => network.forward(input(test)).softmax(1).narrow(1, 1, 1).numbers()),
    );
    trainer.dispose();
    network.dispose();
    return auroc(scores, tested);
  }

  test("the non-negative risk ranks better than cross-entropy, for each of five seeds", () => {
    const settings = nnpu.schema.parse({ prior: 0.1 });
    for (let seed = 0; seed < 5; seed++) {
      const plain = aurocOf(seed, (context) => sourceOnly.build({}, context));
      const corrected = aurocOf(seed, (context) => nnpu.build(settings, context));
      expect(corrected).toBeGreaterThan(plain);
    }
  });
});

/** The share of pairs in which the positive scores higher. */
function auroc(scores: readonly number[], labels: readonly number[]): number {
  const order = scores.map((score, i) => [score, labels[i]!] as const).sort((a, b) => a[0] - b[0]);
  let [negatives, pairs] = [0, 0];
  for (const [, label] of order) {
    if (label === 1) pairs += negatives;
    else negatives++;
  }
  return pairs / (negatives * (order.length - negatives));
}
