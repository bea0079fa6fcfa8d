import { expect, test } from "vitest";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { LayerNorm } from "../../src/nn/layernorm.ts";
import { Module } from "../../src/nn/module.ts";
import { autocast, noGrad } from "../../src/torch/autograd.ts";
import { multiplyAdds } from "../../src/torch/cost.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

class Pair extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm;
  constructor(bias: boolean) {
    super();
    const generator = new Generator(1);
    this.conv = this.child("conv", new Conv2d(2, 3, 3, generator, { padding: 1, bias }));
    this.norm = this.child("norm", new BatchNorm(3, { epsilon: 1e-3 }));
    noGrad(() => {
      this.norm.weight.copy_(tensor([0.5, -2, 3]));
      this.norm.bias.copy_(tensor([0.1, 0, -1]));
      this.norm.runningMean.copy_(tensor([0.3, -0.2, 1]));
      this.norm.runningVar.copy_(tensor([0.1, 2, 7]));
    });
  }
  override forward(x: Tensor): Tensor {
    return this.conv.normed(x, this.norm);
  }
}

const plain = ({ conv, norm }: Pair, x: Tensor) => norm.forward(conv.forward(x)).numbers();
const far = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

test.each([true, false])("a norm folds into the convolution before it (bias %s)", (bias) => {
  const pair = tidy(() => new Pair(bias)).train(false);
  tidy(() =>
    noGrad(() => {
      const x = new Generator(2).normal([2, 2, 5, 5]);
      expect(far(pair.forward(x).numbers(), plain(pair, x))).toBeLessThan(1e-5);
    }),
  );
  pair.dispose();
});

test("folded weights follow changes of weights, statistics and copies", () => {
  const pair = tidy(() => new Pair(false)).train(false);
  tidy(() =>
    noGrad(() => {
      const x = new Generator(2).normal([2, 2, 5, 5]);
      const first = pair.forward(x).numbers();
      pair.norm.runningMean.copy_(tensor([0, 0, 5]));
      expect(far(pair.forward(x).numbers(), plain(pair, x))).toBeLessThan(1e-5);
      expect(far(pair.forward(x).numbers(), first)).toBeGreaterThan(0.1);
      const copied = pair.copy();
      copied.conv.weight.copy_(copied.conv.weight.mul(2));
      expect(far(copied.forward(x).numbers(), plain(copied, x))).toBeLessThan(1e-5);
      expect(far(pair.forward(x).numbers(), plain(pair, x))).toBeLessThan(1e-5);
      copied.dispose();
    }),
  );
  pair.dispose();
});

test("training and recorded passes don't fold, and their gradients reach the norm", () => {
  const pair = tidy(() => new Pair(false)).train(false);
  tidy(() => {
    pair
      .forward(new Generator(2).normal([2, 2, 5, 5]))
      .sum()
      .backward();
    expect(pair.norm.weight.grad!.abs().sum().item()).toBeGreaterThan(0);
  });
  pair.dispose();
});

test("each precision has its own folded weights, and nothing is left behind", () => {
  const before = liveTensors();
  const pair = tidy(() => new Pair(false)).train(false);
  tidy(() =>
    noGrad(() => {
      const x = new Generator(2).normal([2, 2, 5, 5]);
      const low = autocast("bfloat16", () => pair.forward(x));
      expect(low.dtype).toBe("bfloat16");
      expect(far(low.numbers(), plain(pair, x))).toBeLessThan(0.1);
      const exact = pair.forward(x);
      expect(exact.dtype).toBe("float32");
      expect(far(exact.numbers(), plain(pair, x))).toBeLessThan(1e-5);
    }),
  );
  pair.dispose();
  expect(liveTensors()).toBe(before);
});

test("layer normalisation by hand", () => {
  const layer = tidy(() => new LayerNorm(2, 0));
  tidy(() => {
    noGrad(() => layer.weight.copy_(tensor([2, 3])));
    // Mean 4 and deviation 1 of (3, 5); mean 0 and deviation 2 of (2, -2).
    expect(layer.forward(tensor([3, 5, 2, -2], [2, 2])).numbers()).toEqual([-2, 3, 2, -3]);
  });
  layer.dispose();
});

test("multiply-adds are those counted by hand: convolution, linear layer, product; nothing outside", () => {
  const generator = new Generator(0);
  const conv = tidy(() => new Conv2d(4, 6, 3, generator, { groups: 2, stride: 2, padding: 1 }));
  tidy(() => {
    const { count, value } = multiplyAdds(() => conv.forward(generator.normal([2, 4, 8, 8])));
    expect(value.shape).toEqual([2, 6, 4, 4]);
    expect(count).toBe(2 * 6 * 4 * 4 * (4 / 2) * 9);
    const product = multiplyAdds(() => generator.normal([5, 2, 3]).matmul(generator.normal([5, 3, 7])));
    expect(product.count).toBe(5 * 2 * 3 * 7);
    expect(multiplyAdds(() => generator.normal([3]).mul(2)).count).toBe(0);
  });
  conv.dispose();
});
