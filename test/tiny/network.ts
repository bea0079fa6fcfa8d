/** A network small enough to be worked out by hand, and the same in plain numbers. */
import type { Batches, MethodContext, SourceSettings, StepPosition } from "../../src/adapt/method.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Module } from "../../src/nn/module.ts";
import { Network } from "../../src/nn/network.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

/** linear → batch norm → tanh */
class TinyEncoder extends Module {
  readonly linear: Linear;
  readonly norm: BatchNorm;

  constructor(inputs: number, features: number, generator: Generator) {
    super();
    this.linear = this.child("linear", new Linear(inputs, features, generator));
    this.norm = this.child("norm", new BatchNorm(features));
  }
  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.linear.forward(x.flatten(1))).tanh();
  }
}

const INPUTS = 4;
export const FEATURES = 3;

/** Images (B, 1, 2, 2), three features. */
export function tinyNetwork(classes: number, seed = 5): Network {
  const generator = new Generator(seed);
  const encoder = new TinyEncoder(INPUTS, FEATURES, generator);
  return new Network(encoder, null, new Linear(FEATURES, classes, generator));
}

export const sourceSettings: SourceSettings = {
  epochs: 1,
  batch: 5,
  lr: 0.05,
  weightDecay: 0.1,
  warmup: 0,
  clip: null,
  labelSmoothing: 0,
};

export function contextOf(
  network: Network,
  classes: number,
  more: Partial<MethodContext> = {},
): MethodContext {
  return {
    network,
    classes,
    features: FEATURES,
    generator: new Generator(1),
    seed: 11,
    source: sourceSettings,
    pretrained: false,
    sourcePrior: Array(classes).fill(1 / classes),
    targetPrior: null,
    gradedBatch: 0,
    blocks: [["encoder.linear"], ["encoder.norm"]],
    device: "cpu",
    compute: (forward) => forward(),
    ...more,
  };
}

/** Rows of four pixels. */
export const pixels = (rows: number, seed: number): number[][] => {
  // A sine with irrational steps: fixed numbers without a generator.
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: INPUTS }, (_, j) => Math.sin(seed * 7.3 + i * 2.1 + j * 1.7) + 0.1 * j),
  );
};

export function batchesOf(source: number[][], labels: number[], target: number[][]): Batches {
  const view = (rows: number[][]) => () => tensor(rows.flat(), [rows.length, 1, 2, 2]);
  return {
    source: { view: view(source), labels: tensor(labels, [labels.length], { dtype: "int64" }) },
    target: { view: view(target) },
  };
}

export const stepAt = (step: number, totalSteps = 10, stepsPerEpoch = 10): StepPosition => ({
  step,
  stepsPerEpoch,
  totalSteps,
});

/** A state's values as plain numbers. */
export const numbersOf = (state: ReadonlyMap<string, Tensor>): Map<string, number[]> =>
  new Map([...state].map(([name, value]) => [name, value.numbers()]));
