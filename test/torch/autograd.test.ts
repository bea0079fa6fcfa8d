import { expect, test } from "vitest";
import { clearGrads, enableGrad, grad, noGrad, setGrad } from "../../src/torch/autograd.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { conv2d, crossEntropy, gridSample, layerNorm, maxPool2d } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { messageOf } from "./child.ts";

/** The largest difference between autograd and central differences in float64, over every element of every leaf. */
function worstDifference(loss: (...leaves: Tensor[]) => Tensor, shapes: number[][], h = 1e-5): number {
  return tidy(() => {
    const generator = new Generator(11);
    const leaves = shapes.map((shape) => generator.normal(shape, { dtype: "float64" }).withGrad());
    const exact = grad(loss(...leaves), leaves).map((g) => g?.numbers() ?? []);
    let worst = 0;
    leaves.forEach((leaf, which) => {
      const values = leaf.data() as Float64Array;
      for (let i = 0; i < values.length; i++) {
        const at = (step: number) =>
          tidy(() => {
            const moved = Float64Array.from(values);
            moved[i] = (moved[i] as number) + step;
            const inputs = leaves.map((other, index) =>
              index === which ? tensor(moved, leaf.shape) : other.detach(),
            );
            return loss(...inputs).item();
          });
        worst = Math.max(worst, Math.abs((at(h) - at(-h)) / (2 * h) - (exact[which]?.[i] as number)));
      }
    });
    return worst;
  });
}

test.each<[string, (...leaves: Tensor[]) => Tensor, number[][]]>([
  ["element by element", (x, y) => x.mul(y).tanh().add(x.square().add(1).log()).sum(), [[5], [5]]],
  [
    "a matrix product and softmax",
    (x, w) => x.matmul(w).logSoftmax(1).square().mean(),
    [
      [3, 4],
      [4, 2],
    ],
  ],
  [
    "a convolution, its weight and its bias",
    (x, w, b) => conv2d(x, w, { bias: b, padding: 1, stride: 2 }).silu().sum(),
    [[2, 2, 5, 5], [3, 2, 3, 3], [3]],
  ],
  ["layer norm", (x, w, b) => layerNorm(x, [4], w, b).exp().mean(), [[3, 4], [4], [4]]],
  ["max pooling", (x) => maxPool2d(x, 2).square().sum(), [[1, 2, 4, 4]]],
  [
    "sampling along a grid",
    (x, g) => gridSample(x, g.tanh().mul(0.9)).square().sum(),
    [
      [1, 2, 4, 4],
      [1, 3, 3, 2],
    ],
  ],
])("gradients of %s are those of finite differences", (_, loss, shapes) => {
  expect(worstDifference(loss, shapes)).toBeLessThan(1e-6);
});

test("cross-entropy's gradient is softmax minus the truth", () => {
  tidy(() => {
    const logits = tensor([0, Math.log(3)], [1, 2]).withGrad();
    crossEntropy(logits, tensor([0], [1], { dtype: "int64" })).backward();
    const gradient = logits.grad?.numbers() as number[];
    expect(gradient[0]).toBeCloseTo(0.25 - 1, 6);
    expect(gradient[1]).toBeCloseTo(0.75, 6);
  });
});

test("backward accumulates, clearGrads forgets, setGrad replaces", () => {
  tidy(() => {
    const w = tensor([2, 3]).withGrad();
    expect(w.grad).toBeNull();
    w.square().sum().backward();
    w.square().sum().backward();
    expect(w.grad?.numbers()).toEqual([8, 12]);
    clearGrads([w]);
    expect(w.grad).toBeNull();
    setGrad(w, tensor([5, 7]));
    w.sum().backward();
    expect(w.grad?.numbers()).toEqual([6, 8]);
    setGrad(w, null);
    expect(w.grad).toBeNull();
  });
});

test("grad returns null for an unused input, and takes gradients of the outputs", () => {
  tidy(() => {
    const x = tensor([2, 3]).withGrad();
    const unused = tensor([1]).withGrad();
    const [dx, none] = grad(x.mul(x), [x, unused], { outputGradients: [tensor([1, 10])] });
    expect(dx?.numbers()).toEqual([4, 60]);
    expect(none).toBeNull();
    expect(x.grad).toBeNull();
  });
});

test("gradients can be differentiated again: the third derivative of x⁴ is 24 x", () => {
  tidy(() => {
    const x = tensor([1.5], [1], { dtype: "float64" }).withGrad();
    let y = x.pow(4);
    for (let order = 0; order < 3; order++) y = grad(y, [x], { createGraph: true })[0] as Tensor;
    expect(y.item()).toBeCloseTo(36, 10);
  });
});

test("noGrad records nothing, enableGrad records inside it, and both end with their body", () => {
  tidy(() => {
    const w = ones([2]).withGrad();
    expect(noGrad(() => w.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => w.mul(2))).requiresGrad).toBe(true);
    expect(messageOf(() => noGrad(() => ones([2]).add(ones([3]))))).toMatch(/size of tensor/);
    expect(w.mul(2).requiresGrad).toBe(true);
    expect(w.detach().requiresGrad).toBe(false);
    expect(messageOf(() => noGrad(async () => 1))).toBe("noGrad: body must be synchronous, got a promise");
    expect(messageOf(() => enableGrad(async () => 1))).toBe(
      "enableGrad: body must be synchronous, got a promise",
    );
  });
});

test("a tensor that is not a leaf has no gradient, and requiring one can't be turned off", () => {
  tidy(() => {
    const y = ones([2]).withGrad().mul(2);
    y.sum().backward();
    expect(y.grad).toBeNull();
    expect(messageOf(() => y.withGrad(false))).toMatch(/^requiresGrad: only a leaf/);
  });
});

test("a value changed in place after it was needed is an error, not a wrong gradient", () => {
  tidy(() => {
    const w = ones([2]).withGrad();
    const y = w.mul(2);
    const loss = y.square().sum();
    noGrad(() => y.copy_(ones([2])));
    expect(messageOf(() => loss.backward())).toMatch(/^backward: one of the variables needed .* in-?place/);
  });
});

test("a freed output's graph lives as long as tensors made from it", () => {
  const before = liveTensors();
  const w = ones([3]).withGrad();
  const loss = tidy(() => w.mul(2).square().sum());
  expect(liveTensors()).toBe(before + 2);
  loss.backward();
  tidy(() => expect(w.grad?.numbers()).toEqual([8, 8, 8]));
  loss.dispose();
  w.dispose();
  expect(liveTensors()).toBe(before);
});
