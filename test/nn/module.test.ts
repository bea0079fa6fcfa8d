import { afterEach, expect, test } from "vitest";
import { PReLU } from "../../src/nn/activations.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { Dropout } from "../../src/nn/dropout.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Module } from "../../src/nn/module.ts";
import { Sequential } from "../../src/nn/sequential.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

class Block extends Module {
  readonly conv1: Conv2d;
  readonly bn1 = this.child("bn1", new BatchNorm(2));

  constructor(generator: Generator) {
    super();
    this.conv1 = this.child("conv1", new Conv2d(1, 2, 3, generator, { bias: false }));
  }
  override forward(x: Tensor): Tensor {
    return this.bn1.forward(this.conv1.forward(x));
  }
}

class Net extends Module {
  private readonly layer1: readonly Block[];
  private readonly fc: Linear;
  private readonly drop = this.child("drop", new Dropout(0.5));

  constructor(seed = 0) {
    super();
    const generator = new Generator(seed);
    this.layer1 = this.childList("layer1", [new Block(generator), new Block(generator)]);
    this.fc = this.child("fc", new Linear(2, 3, generator));
  }
  override forward(x: Tensor): Tensor {
    return this.drop.forward(this.fc.forward(this.layer1[0]!.forward(x).mean([2, 3])));
  }
}

const owned: Module[] = [];
const net = (seed?: number) => {
  const module = new Net(seed);
  owned.push(module);
  return module;
};
afterEach(() => {
  for (const module of owned.splice(0)) module.dispose();
});

test("state has PyTorch's names: parameters, then buffers, then children in the order of registration", () => {
  expect([...net().state().keys()]).toEqual([
    // `drop` and each block's `bn1` are fields, so they are registered before what the constructors register
    "layer1.0.bn1.weight",
    "layer1.0.bn1.bias",
    "layer1.0.bn1.running_mean",
    "layer1.0.bn1.running_var",
    "layer1.0.bn1.num_batches_tracked",
    "layer1.0.conv1.weight",
    "layer1.1.bn1.weight",
    "layer1.1.bn1.bias",
    "layer1.1.bn1.running_mean",
    "layer1.1.bn1.running_var",
    "layer1.1.bn1.num_batches_tracked",
    "layer1.1.conv1.weight",
    "fc.weight",
    "fc.bias",
  ]);
});

test("parameters require gradients and buffers do not", () => {
  const module = net();
  expect([...module.namedParameters().values()].every((parameter) => parameter.requiresGrad)).toBe(true);
  expect([...module.namedBuffers().values()].some((buffer) => buffer.requiresGrad)).toBe(false);
  expect(module.namedParameters().size + module.namedBuffers().size).toBe(module.state().size);
  module.learn(false);
  expect(module.parameters().some((parameter) => parameter.requiresGrad)).toBe(false);
});

test("train reaches every module inside", () => {
  const module = net().train(false);
  expect([...module.namedModules()].map(([, inner]) => inner.training)).not.toContain(true);
  module.train();
  expect([...module.namedModules()].map(([, inner]) => inner.training)).not.toContain(false);
});

test("load copies values and does not change the source", () => {
  const [a, b] = [net(1), net(2)];
  expect(a.load(b.state())).toEqual({ missing: [], unexpected: [] });
  expect(a.state().get("fc.weight")!.numbers()).toEqual(b.state().get("fc.weight")!.numbers());
  tidy(() => a.state().get("fc.weight")!.detach().copy_(tensor(7)));
  expect(b.state().get("fc.weight")!.numbers()).not.toContain(7);
});

test("load names missing and unexpected tensors, and changes nothing", () => {
  const module = net(1);
  const before = module.state().get("fc.weight")!.numbers();
  const state = new Map(net(2).state());
  state.set("fc.scale", state.get("fc.bias")!);
  state.delete("layer1.0.conv1.weight");
  expect(() => module.load(state, { where: "a.safetensors" })).toThrow(
    "a.safetensors: missing 1 of the state's tensors: layer1.0.conv1.weight; unexpected 1 of the state's tensors: fc.scale",
  );
  expect(module.state().get("fc.weight")!.numbers()).toEqual(before);
  expect(module.load(state, { strict: false })).toEqual({
    missing: ["layer1.0.conv1.weight"],
    unexpected: ["fc.scale"],
  });
  expect(module.state().get("fc.weight")!.numbers()).toEqual(state.get("fc.weight")!.numbers());
});

test("load refuses a wrong shape by name, strict or not", () => {
  const state = new Map(net(2).state());
  state.set("fc.weight", tensor([[1, 2]]));
  expect(() => net(1).load(state, { strict: false, where: "w" })).toThrow(
    "w: fc.weight must be of shape [3,2], got [1,2]",
  );
});

test("a copy has its own tensors, the same values and the same structure", () => {
  const module = net(3);
  module
    .state()
    .get("layer1.0.bn1.running_mean")!
    .copy_(tensor([4, 5]));
  const twin = module.copy();
  owned.push(twin);
  expect([...twin.state().keys()]).toEqual([...module.state().keys()]);
  expect(twin.state().get("layer1.0.bn1.running_mean")!.numbers()).toEqual([4, 5]);
  twin.train(false);
  module.train(false);
  tidy(() => {
    const x = new Generator(0).normal([2, 1, 8, 8]);
    expect(twin.forward(x).numbers()).toEqual(module.forward(x).numbers());
    const answer = module.forward(x).numbers();
    for (const parameter of twin.parameters()) parameter.detach().copy_(tensor(0));
    expect(twin.forward(x).numbers()).toEqual([0, 0, 0, 0, 0, 0]);
    expect(module.forward(x).numbers()).toEqual(answer);
  });
  expect(twin.parameters().every((parameter) => parameter.requiresGrad)).toBe(true);
});

test("the properties that layers compute with are moved together with the state", () => {
  const module = net().to("cpu", "float64").train(false);
  const dtypes = new Set([...module.namedParameters().values()].map((parameter) => parameter.dtype));
  expect([...dtypes]).toEqual(["float64"]);
  expect(module.state().get("layer1.0.bn1.num_batches_tracked")!.dtype).toBe("int64");
  tidy(() => {
    const x = new Generator(0).normal([1, 1, 5, 5], { dtype: "float64" });
    const y = module.forward(x);
    expect(y.dtype).toBe("float64");
    y.sum().backward();
  });
  expect(module.state().get("fc.weight")!.grad?.dtype).toBe("float64");
});

test("layout changes the memory, not the values", () => {
  const generator = new Generator(0);
  const conv = new Conv2d(2, 3, 3, generator);
  owned.push(conv);
  const before = conv.weight.numbers();
  conv.layout("channels_last");
  expect(conv.weight.strides).toEqual([18, 1, 6, 2]);
  expect(conv.weight.numbers()).toEqual(before);
  expect(conv.weight.requiresGrad).toBe(true);
});

test("kernels of one pixel or one channel have the layout's strides too", () => {
  const generator = new Generator(0);
  for (const [conv, strides] of [
    [new Conv2d(8, 3, 1, generator), [8, 1, 8, 8]],
    [new Conv2d(1, 3, 3, generator), [9, 1, 3, 1]],
  ] as const) {
    owned.push(conv);
    expect(conv.layout("channels_last").weight.strides).toEqual(strides);
    expect(conv.copy().weight.strides).toEqual(strides);
  }
});

test("making, copying, moving, running and disposing leaves no tensor behind", () => {
  const before = liveTensors();
  const module = new Net();
  const twin = module.copy().to("cpu", "float64").layout("channels_last");
  tidy(() =>
    module
      .setGenerator(new Generator(1))
      .forward(new Generator(0).normal([2, 1, 6, 6]))
      .sum()
      .backward(),
  );
  expect(liveTensors()).toBe(before + 2 * module.state().size);
  module.dispose();
  twin.dispose();
  expect(liveTensors()).toBe(before);
});

test("Sequential runs its layers in order and names them by position", () => {
  const generator = new Generator(0);
  const module = new Sequential(new Linear(1, 1, generator), new PReLU());
  owned.push(module);
  expect([...module.state().keys()]).toEqual(["0.weight", "0.bias", "1.weight"]);
  module.load(
    new Map([
      ["0.weight", tensor([[2]])],
      ["0.bias", tensor([-3])],
      ["1.weight", tensor([0.5])],
    ]),
  );
  expect(tidy(() => module.forward(tensor([[1], [4]])).numbers())).toEqual([-0.5, 5]);
});
