/** A graph in 8 bits: which tensors are carried so, and that its values are near float32's. */
import { describe, expect, test } from "vitest";
import { hasVnni } from "../../../src/evaluate/int8/vnni.ts";
import { traceOfAnyBatch } from "../../../src/onnx/any-batch.ts";
import type { Graph } from "../../../src/onnx/graph.ts";
import { graphOf } from "../../../src/onnx/lowering.ts";
import { onnxBytes } from "../../../src/onnx/protobuf.ts";
import { observed } from "../../../src/onnx/quantising/observe.ts";
import { planOf } from "../../../src/onnx/quantising/plan.ts";
import { quantised } from "../../../src/onnx/quantising/qdq.ts";
import type { WeightBits } from "../../../src/onnx/quantising/scale.ts";
import { type Floats, OnnxSession } from "../../../src/onnx/runtime.ts";
import { cat, tensor, zeros } from "../../../src/torch/create.ts";
import { avgPool2d, conv2d, maxPool2d } from "../../../src/torch/neural.ts";
import { Generator } from "../../../src/torch/random.ts";
import { tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";
import { noTensorIsLeft } from "../../torch/leaks.ts";
import { runtime } from "../both.ts";

noTensorIsLeft();

const weights = (...shape: number[]) =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + 2.3 * i) / 3),
    shape,
  );
const conv = (x: Tensor, to: number) =>
  conv2d(x, weights(to, x.shape[1]!, 3, 3), { bias: weights(to), padding: 1 });

/** As residual, dense and equivariant networks have it. */
function network(x: Tensor): Tensor {
  const y = maxPool2d(conv(x.asinh(), 4).relu(), 2);
  const sum = conv(conv(y, 4).relu(), 4)
    .add(avgPool2d(y, 3, 1, 1))
    .relu();
  const joined = cat([sum, y], 1);
  const smooth = conv2d(joined, weights(8, 1, 2, 2), { groups: 8, stride: 2 });
  return smooth.mean([2, 3]);
}

const BLOCKS = 12;

/** A residual network whose blocks add little each: less than a step of 8 bits, mostly. */
function residual(x: Tensor): Tensor {
  let y = conv(x, 4).relu();
  const little = weights(4, 4, 3, 3).mul(0.003);
  for (let block = 0; block < BLOCKS; block++) y = y.add(conv2d(y, little, { padding: 1 })).relu();
  return y.mean([2, 3]);
}

const graph = (net = network): Graph =>
  tidy(() =>
    graphOf(
      "net",
      "net",
      "images",
      traceOfAnyBatch(
        "net",
        (n) => zeros([n, 3, 8, 8]),
        (x) => ({ y: net(x) }),
      ),
    ),
  );

test("convolutions, and what pools, adds or joins their results, are carried in 8 bits; the rest is not", () => {
  const made = graph();
  const { tensors, convolutions, sameAs } = planOf(made);
  expect(convolutions).toHaveLength(4);
  const makers = [...tensors].map((name) => made.nodes.find(({ outputs }) => outputs.includes(name))!.type);
  // A ReLU after a convolution or a sum is one operator with it.
  expect(makers.sort()).toEqual(
    ["Asinh", "AveragePool", "Concat", "Conv", "Conv", "MaxPool", "Relu", "Relu", "Relu"].sort(),
  );
  expect([...sameAs]).toHaveLength(1);
  expect(planOf(made, 3).convolutions).toHaveLength(1);
});

test("sums that go into further sums may do so in float32", () => {
  const made = graph(residual);
  expect(planOf(made).sums.size).toBe(0);
  const { sums, tensors } = planOf(made, 0, true);
  expect(sums.size).toBe(BLOCKS);
  for (const name of sums) expect(tensors).toContain(name);
});

describe.skipIf(!runtime)("by ONNX Runtime", () => {
  const images = (seed: number, count: number): Floats =>
    tidy(() => ({
      data: new Generator(seed).normal([count, 3, 8, 8]).mul(3).data() as Float32Array,
      shape: [count, 3, 8, 8],
    }));
  const bytesOf = (one: Graph) => onnxBytes(one, { name: "arclet", version: "0", description: "" }, {});
  const run = async (one: Graph, input: Floats) => {
    const session = await OnnxSession.open("net", bytesOf(one), 1);
    try {
      return (await session.run(input)).y!.data;
    } finally {
      await session.close();
    }
  };

  const ranges = (made: Graph, tick: (count: number) => void = () => {}) =>
    observed(
      "net",
      made,
      planOf(made).tensors,
      () => [images(1, 20), images(2, 12)],
      async (count) => tick(count),
    );
  /** Root mean squares of what a graph gives, and of how far another's values are. */
  const apart = async (made: Graph, small: Graph) => {
    const input = images(3, 16);
    const [exact, near] = [await run(made, input), await run(small, input)];
    const rms = (values: Float32Array) =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    return { spread: rms(exact), off: rms(exact.map((value, i) => value - near[i]!)) };
  };

  const nearFloat32 = async (weightBits: WeightBits) => {
    const made = graph();
    let seen = 0;
    const histograms = await ranges(made, (count) => {
      seen += count;
    });
    expect(seen).toBe(64); // two passes
    for (const { counts } of histograms.values()) {
      const total = counts.reduce((sum, one) => sum + one, 0);
      expect(total % 32).toBe(0);
    }
    const small = quantised(made, planOf(made), histograms, weightBits);
    const { spread, off } = await apart(made, small);
    expect(off / spread).toBeLessThan(0.03);
    expect(off).toBeGreaterThan(0);
    const types = [...small.initializers.values()].map(({ dtype }) => dtype);
    expect(types.filter((dtype) => dtype === "int8")).toHaveLength(8); // weights and their zeros
    expect(types.filter((dtype) => dtype === "int32")).toHaveLength(3); // biases
  };

  test("values with weights of 7 bits are near those in float32, and the file is stored in integers", () =>
    nearFloat32(7));
  // Processors without VNNI cut off sums of products with weights of 8 bits.
  test.skipIf(!hasVnni())("values in 8 bits are near those in float32", () => nearFloat32(8));

  test("many blocks that add little each are nearer with their sums in float32", async () => {
    const made = graph(residual);
    const histograms = await ranges(made);
    const [all, floatSums] = [planOf(made), planOf(made, 0, true)].map((plan) =>
      apart(made, quantised(made, plan, histograms, 7)),
    );
    expect((await floatSums!).off).toBeLessThan((await all!).off / 3);
  });
});
