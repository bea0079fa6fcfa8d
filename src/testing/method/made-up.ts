/** A made-up problem, small enough for hundreds of steps: images of 4 by 4 pixels, noise and a bright row by class. */
import type { Batches, MethodContext, SourceSettings, StepPosition, View } from "../../adapt/method.ts";
import { BatchNorm } from "../../nn/batchnorm.ts";
import { Dropout } from "../../nn/dropout.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { Network } from "../../nn/network.ts";
import { Sequential } from "../../nn/sequential.ts";
import { tensor } from "../../torch/create.ts";
import { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

const SIDE = 4;
const FEATURES = 6;

/** linear → batch norm → tanh */
class MadeEncoder extends Module {
  private readonly linear: Linear;
  private readonly norm: BatchNorm;

  constructor(generator: Generator) {
    super();
    this.linear = this.child("linear", new Linear(SIDE * SIDE, FEATURES, generator));
    this.norm = this.child("norm", new BatchNorm(FEATURES));
  }

  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.linear.forward(x.flatten(1))).tanh();
  }
}

/** Batch norm in the encoder and dropout in the head, as real networks have them. */
export function madeNetwork(classes: number, seed: number): Network {
  return tidy(() => {
    const generator = new Generator(seed);
    const head = new Sequential(new Dropout(0.2), new Linear(FEATURES, FEATURES, generator));
    return new Network(new MadeEncoder(generator), head, new Linear(FEATURES, classes, generator));
  });
}

const sourceSettings: SourceSettings = {
  epochs: 1,
  batch: 16,
  lr: 0.05,
  weightDecay: 1e-4,
  warmup: 0,
  clip: null,
  labelSmoothing: 0,
};

/** The context of a network's training. Its generator is also that of the network's dropout. */
export function madeContext(
  network: Network,
  classes: number,
  more: Partial<MethodContext> & { drawn?: number } = {},
): MethodContext {
  const { drawn = 1, ...rest } = more;
  const generator = new Generator(drawn);
  network.setGenerator(generator);
  return {
    network,
    classes,
    features: FEATURES,
    generator,
    seed: 11,
    source: sourceSettings,
    pretrained: false,
    sourcePrior: Array(classes).fill(1 / classes),
    targetPrior: null,
    gradedBatch: 0,
    blocks: [["encoder.linear"], ["encoder.norm"]],
    device: "cpu",
    compute: (forward) => forward(),
    ...rest,
  };
}

/** Labels in turn, or all of one class. */
const madeLabels = (count: number, classes: number, only?: number): number[] =>
  Array.from({ length: count }, (_, i) => only ?? i % classes);

/**
 * Images (B, 1, 4, 4): unit noise of 0.3, and row k brighter by 2 for class k.
 *
 * @param shift added to every pixel, which makes a target differ
 */
function madeImages(labels: readonly number[], seed: number, shift = 0): Tensor {
  return tidy(() => {
    const noise = new Generator(seed).normal([labels.length, 1, SIDE, SIDE]).mul(0.3).add(shift);
    const bright = labels.flatMap((label) =>
      Array.from({ length: SIDE * SIDE }, (_, at) => (Math.floor(at / SIDE) === label ? 2 : 0)),
    );
    return noise.add(tensor(bright, [labels.length, 1, SIDE, SIDE]));
  });
}

export interface MadeBatch {
  /** Images of each domain; 0 for none. */
  source: number;
  target: number;
  graded?: number;
  classes: number;
  /** Each seed gives another batch. */
  seed: number;
  /** All source and graded labels are this class. */
  only?: number;
  shift?: number;
  /** Graded labels are those of the next class. */
  misgraded?: boolean;
}

/** Batches whose strong views have less contrast than the weak ones; the enclosing scope frees the tensors. */
export function madeBatches(made: MadeBatch): Batches<"optional"> {
  const { source, target, graded = 0, classes, seed, only, shift = 0.7, misgraded = false } = made;
  const view = (plain: Tensor) => {
    const strong = plain.mul(0.8);
    return (kind: View) => (kind === "strong" ? strong : plain);
  };
  const labels = madeLabels(source, classes, only);
  const kinds = madeLabels(graded, classes, only);
  return {
    ...(source > 0 && {
      source: {
        view: view(madeImages(labels, 2 * seed)),
        labels: tensor(labels, [source], { dtype: "int64" }),
      },
    }),
    ...(target > 0 && {
      target: { view: view(madeImages(madeLabels(target, classes), 2 * seed + 1, shift)) },
    }),
    ...(graded > 0 && {
      graded: {
        view: view(madeImages(kinds, 2 * seed + 5, shift)),
        labels: softLabels(misgraded ? kinds.map((kind) => (kind + 1) % classes) : kinds, classes),
      },
    }),
  };
}

/** (B, K): sure of the class, but for the first image, of which graders were not. */
function softLabels(kinds: readonly number[], classes: number): Tensor {
  const sure = (i: number) => (i === 0 ? 0.8 : 1);
  const rows = kinds.map((kind, i) =>
    Array.from({ length: classes }, (_, k) => (k === kind ? sure(i) : (1 - sure(i)) / (classes - 1))),
  );
  return tensor(rows.flat(), [kinds.length, classes]);
}

/** A step in a phase of one epoch of 10 steps. */
export const madePosition = (step: number, rate = 1): StepPosition => ({
  step,
  stepsPerEpoch: 10,
  totalSteps: 10,
  rate,
});
