import { expect, test } from "vitest";
import { ELU, ReLU } from "../../src/nn/activations.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { Dropout } from "../../src/nn/dropout.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Mlp } from "../../src/nn/mlp.ts";
import { Network } from "../../src/nn/network.ts";
import { AvgPool2d, GlobalAvgPool, MaxPool2d } from "../../src/nn/pooling.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const generator = () => new Generator(0);
const numbers = (body: () => Tensor) => tidy(body).numbers();

test("linear is x Wᵀ + b", () => {
  const layer = new Linear(2, 2, generator());
  layer.load(new Map([["weight", tensor([[1, 2], [3, 4]])], ["bias", tensor([10, 20])]])); // biome-ignore format: a matrix
  expect(numbers(() => layer.forward(tensor([[1, -1]])))).toEqual([9, 19]);
});

test("convolution sums over the kernel, with stride and zero padding", () => {
  const layer = new Conv2d(1, 1, 3, generator(), { stride: 2, padding: 1 });
  layer.load(new Map([["weight", tensor([[[[1, 1, 1], [1, 1, 1], [1, 1, 1]]]])], ["bias", tensor([0.5])]])); // biome-ignore format: a kernel
  const image = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]); // biome-ignore format: an image
  expect(numbers(() => layer.forward(image))).toEqual([12.5, 16.5, 24.5, 28.5]);
});

test("batch norm uses the batch in training and moves the running statistics by the momentum", () => {
  const layer = new BatchNorm(1, { momentum: 0.5, epsilon: 0 });
  layer.load(
    new Map([
      ["weight", tensor([2])],
      ["bias", tensor([1])],
    ]),
    { strict: false },
  );
  // mean 3, variance 2 (divisor N), 3 unbiased
  const x = tensor([[1.5857864376], [4.4142135624]]);
  const y = numbers(() => layer.forward(x));
  expect(y[0]).toBeCloseTo(-1, 5);
  expect(y[1]).toBeCloseTo(3, 5);
  expect(layer.runningMean.item()).toBeCloseTo(1.5, 6);
  expect(layer.runningVar.item()).toBeCloseTo(0.5 * 1 + 0.5 * 4, 5);
  expect(layer.batchesTracked.item()).toBe(1);
});

test("batch norm in evaluation uses the running statistics and leaves them", () => {
  const layer = new BatchNorm(1, { epsilon: 0 });
  layer.load(
    new Map([
      ["running_mean", tensor([10])],
      ["running_var", tensor([4])],
    ]),
    { strict: false },
  );
  layer.train(false);
  expect(numbers(() => layer.forward(tensor([[14], [10]])))).toEqual([2, 0]);
  expect(layer.runningMean.item()).toBe(10);
  expect(layer.batchesTracked.item()).toBe(0);
});

test("batch norm that does not track normalises by the batch and changes nothing", () => {
  const layer = new BatchNorm(1);
  const tracked = numbers(() => new BatchNorm(1).forward(tensor([[1], [2], [6]])));
  layer.tracking = false;
  expect(numbers(() => layer.forward(tensor([[1], [2], [6]])))).toEqual(tracked);
  expect(layer.runningMean.item()).toBe(0);
  expect(layer.runningVar.item()).toBe(1);
  expect(layer.batchesTracked.item()).toBe(0);
});

test("dropout drops the stated share, scales the rest, and follows its generator", () => {
  const layer = new Dropout(0.25);
  const run = (seed: number) => {
    layer.setGenerator(new Generator(seed));
    return numbers(() => layer.forward(tensor(new Float32Array(20_000).fill(3))));
  };
  const values = run(1);
  expect(new Set(values)).toEqual(new Set([0, 4]));
  const dropped = values.filter((value) => value === 0).length / values.length;
  expect(Math.abs(dropped - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / values.length));
  expect(run(1)).toEqual(values);
  expect(run(2)).not.toEqual(values);
  layer.train(false);
  expect(new Set(run(1))).toEqual(new Set([3]));
});

test("dropout without a generator refuses to train, and a probability of 1 is refused", () => {
  expect(() => tidy(() => new Dropout(0.5).forward(tensor([1])))).toThrow("call setGenerator first");
  expect(() => new Dropout(1)).toThrow("Dropout: probability must be from 0 to below 1, got 1");
});

test("activations and pooling", () => {
  const image = () => tensor([[[[1, 2], [3, -8]]]]); // biome-ignore format: an image
  expect(numbers(() => new ReLU().forward(tensor([-1, 2])))).toEqual([0, 2]);
  expect(numbers(() => new ELU(2).forward(tensor([-1, 2])))[0]).toBeCloseTo(2 * (Math.exp(-1) - 1), 6);
  expect(numbers(() => new MaxPool2d(2).forward(image()))).toEqual([3]);
  expect(numbers(() => new AvgPool2d(2).forward(image()))).toEqual([-0.5]);
  expect(numbers(() => new GlobalAvgPool().forward(image()))).toEqual([-0.5]);
});

test("an MLP has an activation after every layer but the last", () => {
  const mlp = new Mlp([3, 4, 5, 1], generator(), { activation: "prelu" });
  expect([...mlp.state()].map(([name, value]) => `${name} ${value.shape}`)).toEqual([
    "0.weight 4,3",
    "0.bias 4",
    "1.weight 1",
    "2.weight 5,4",
    "2.bias 5",
    "3.weight 1",
    "4.weight 1,5",
    "4.bias 1",
  ]);
  expect(() => new Mlp([3], generator())).toThrow("Mlp: widths must be at least two numbers, got [3]");
});

test("a network is encoder, head, classifier; its features are what the classifier sees", () => {
  const g = generator();
  const network = new Network(new GlobalAvgPool(), new Mlp([2, 3], g), new Linear(3, 4, g));
  expect([...network.state().keys()]).toEqual([
    "head.0.weight",
    "head.0.bias",
    "classifier.weight",
    "classifier.bias",
  ]);
  tidy(() => {
    const x = g.normal([5, 2, 4, 4]);
    expect(network.features(x).shape).toEqual([5, 3]);
    expect(network.forward(x).numbers()).toEqual(network.classifier.forward(network.features(x)).numbers());
  });
});
