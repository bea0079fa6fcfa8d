import { expect, test } from "vitest";
import { arange, ones, tensor, zeros } from "../../src/torch/create.ts";
import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  binaryCrossEntropy,
  chunk,
  conv2d,
  crossEntropy,
  gridSample,
  layerNorm,
  linear,
  maxPool2d,
  pad2d,
  resize,
  split,
  topk,
} from "../../src/torch/neural.ts";
import { tidy } from "../../src/torch/scope.ts";

/** 1 … h·w as one image. */
const ramp = (h: number, w: number) =>
  arange(1, h * w + 1)
    .to("float32")
    .reshape([1, 1, h, w]);

test("a convolution is a correlation: the kernel is not flipped", () => {
  tidy(() => {
    const kernel = tensor([1, 0, 0, -10], [1, 1, 2, 2]);
    // 1 − 10·5, 2 − 10·6, 4 − 10·8, 5 − 10·9
    expect(conv2d(ramp(3, 3), kernel).numbers()).toEqual([-49, -58, -76, -85]);
    expect(conv2d(ramp(3, 3), kernel, { stride: 2, bias: tensor([1]) }).numbers()).toEqual([-48]);
    expect(conv2d(ramp(3, 3), kernel, { dilation: 2 }).numbers()).toEqual([1 - 90]);
    expect(conv2d(ramp(3, 3), kernel, { padding: [1, 0] }).shape).toEqual([1, 1, 4, 2]);
    const two = conv2d(ones([1, 2, 1, 1]), tensor([3, 5], [2, 1, 1, 1]), { groups: 2 });
    expect(two.numbers()).toEqual([3, 5]);
  });
});

test("linear is x Wᵀ + b", () => {
  tidy(() =>
    expect(
      linear(tensor([1, 2], [1, 2]), tensor([1, 10, 100, 1000], [2, 2]), tensor([0.5, 0])).numbers(),
    ).toEqual([21.5, 2100]),
  );
});

test("batch norm uses the batch in training, otherwise the running statistics", () => {
  tidy(() => {
    const x = tensor([1, 3, 5, 7], [4, 1, 1, 1]);
    const state = { weight: tensor([2]), bias: tensor([1]), runningMean: zeros([1]), runningVar: ones([1]) };
    const trained = batchNorm(x, state, true, 0.5, 0).numbers();
    // mean 4, biased variance 5
    for (const [i, value] of [1, 3, 5, 7].entries()) {
      expect(trained[i]).toBeCloseTo(1 + (2 * (value - 4)) / Math.sqrt(5), 5);
    }
    expect(state.runningMean.item()).toBe(2); // half of 4
    expect(state.runningVar.item()).toBeCloseTo(0.5 + 0.5 * (20 / 3), 5); // the unbiased variance
    const tested = batchNorm(tensor([2], [1, 1, 1, 1]), state, false, 0.5, 0);
    expect(tested.item()).toBeCloseTo(1, 6);
  });
});

test("layer norm", () => {
  tidy(() => {
    const y = layerNorm(tensor([1, 3], [1, 2]), [2], tensor([10, 10]), tensor([0, 1]), 0).numbers();
    expect(y).toEqual([-10, 11]);
  });
});

test("pooling", () => {
  tidy(() => {
    expect(maxPool2d(ramp(4, 4), 2).numbers()).toEqual([6, 8, 14, 16]);
    expect(maxPool2d(ramp(4, 4), 3, 2, 1).numbers()).toEqual([6, 8, 14, 16]);
    expect(avgPool2d(ramp(4, 4), 2).numbers()).toEqual([3.5, 5.5, 11.5, 13.5]);
    expect(adaptiveAvgPool2d(ramp(4, 4), [1, 1]).item()).toBe(8.5);
  });
});

test("padding is left, right, top, bottom", () => {
  tidy(() => {
    const x = tensor([1, 2, 3], [1, 1, 1, 3]);
    expect(pad2d(x, [1, 0, 0, 1]).numbers()).toEqual([0, 1, 2, 3, 0, 0, 0, 0]);
    expect(pad2d(x, [2, 1, 0, 0], "reflect").numbers()).toEqual([3, 2, 1, 2, 3, 2]);
    expect(pad2d(x, [2, 1, 0, 0], "replicate").numbers()).toEqual([1, 1, 1, 2, 3, 3]);
  });
});

test("resizing keeps pixel centres at half-integers", () => {
  tidy(() => {
    const x = tensor([0, 4], [1, 1, 1, 2]);
    // New centres at −0.25 (held at the edge), 0.25, 0.75 and 1.25 in the old pixels' index.
    expect(resize(x, [1, 4]).numbers()).toEqual([0, 1, 3, 4]);
  });
});

test("grid sampling takes (x, y) from edge to edge, zero outside", () => {
  tidy(() => {
    const x = tensor([1, 2, 3, 4], [1, 1, 2, 2]);
    // Pixel centres are at ±0.5.
    const grid = tensor([-0.5, -0.5, 0.5, -0.5, 0, 0, 3, 0], [1, 1, 4, 2]);
    expect(gridSample(x, grid).numbers()).toEqual([1, 2, 2.5, 0]);
    expect(gridSample(x, grid, "nearest").numbers().slice(0, 2)).toEqual([1, 2]);
  });
});

test("losses", () => {
  tidy(() => {
    const logits = tensor([0, Math.log(3), 0, 0], [2, 2]);
    const truth = tensor([1, 0], [2], { dtype: "int64" });
    const each = crossEntropy(logits, truth, "none").numbers();
    expect(each[0]).toBeCloseTo(-Math.log(0.75), 6);
    expect(each[1]).toBeCloseTo(Math.LN2, 6);
    expect(crossEntropy(logits, truth, "sum").item()).toBeCloseTo(Math.LN2 - Math.log(0.75), 6);
    // Smoothing 0.2 over two classes: 0.9 of the truth, 0.1 of the other.
    expect(crossEntropy(logits.narrow(0, 0, 1), truth.narrow(0, 0, 1), "mean", 0.2).item()).toBeCloseTo(
      -0.9 * Math.log(0.75) - 0.1 * Math.log(0.25),
      6,
    );
    const soft = tensor([0.5, 0.5], [1, 2]);
    expect(crossEntropy(logits.narrow(0, 0, 1), soft).item()).toBeCloseTo(
      -0.5 * (Math.log(0.75) + Math.log(0.25)),
      6,
    );
    expect(binaryCrossEntropy(tensor([Math.log(3), -200]), tensor([1, 0]), "sum").item()).toBeCloseTo(
      -Math.log(0.75),
      6,
    );
  });
});

test("topk, chunk and split", () => {
  tidy(() => {
    const [values, indices] = topk(tensor([5, 9, 7]), 2);
    expect([values.numbers(), indices.numbers()]).toEqual([
      [9, 7],
      [1, 2],
    ]);
    expect(chunk(arange(0, 5), 2).map((part) => part.numbers())).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(split(arange(0, 5), [1, 4]).map((part) => part.size)).toEqual([1, 4]);
  });
});
