import { expect, test } from "vitest";
import { ones, tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { messageOf } from "./child.ts";

const x = () => tensor([-2, 0.5, 3]);
const m = () => tensor([1, 2, 3, 4, 5, 6], [2, 3]);

function close(actual: Tensor, expected: readonly number[], digits = 6): void {
  const values = actual.numbers();
  expect(values.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, digits);
}

test.each<[string, (x: Tensor) => Tensor, (v: number) => number]>([
  ["neg", (t) => t.neg(), (v) => -v],
  ["abs", (t) => t.abs(), Math.abs],
  ["sqrt", (t) => t.abs().sqrt(), (v) => Math.sqrt(Math.abs(v))],
  ["rsqrt", (t) => t.abs().rsqrt(), (v) => 1 / Math.sqrt(Math.abs(v))],
  ["square", (t) => t.square(), (v) => v * v],
  ["exp", (t) => t.exp(), Math.exp],
  ["log", (t) => t.abs().log(), (v) => Math.log(Math.abs(v))],
  ["log1p", (t) => t.abs().log1p(), (v) => Math.log1p(Math.abs(v))],
  ["sin", (t) => t.sin(), Math.sin],
  ["cos", (t) => t.cos(), Math.cos],
  ["atan", (t) => t.atan(), Math.atan],
  ["atanh", (t) => t.div(4).atanh(), (v) => Math.atanh(v / 4)],
  ["asinh", (t) => t.asinh(), Math.asinh],
  ["sign", (t) => t.sign(), Math.sign],
  ["floor", (t) => t.floor(), Math.floor],
  ["reciprocal", (t) => t.reciprocal(), (v) => 1 / v],
  ["sigmoid", (t) => t.sigmoid(), (v) => 1 / (1 + Math.exp(-v))],
  ["logSigmoid", (t) => t.logSigmoid(), (v) => -Math.log1p(Math.exp(-v))],
  ["tanh", (t) => t.tanh(), Math.tanh],
  ["relu", (t) => t.relu(), (v) => Math.max(v, 0)],
  ["silu", (t) => t.silu(), (v) => v / (1 + Math.exp(-v))],
  ["softplus", (t) => t.softplus(), (v) => Math.log1p(Math.exp(v))],
  ["leakyRelu", (t) => t.leakyRelu(0.2), (v) => (v > 0 ? v : 0.2 * v)],
  ["elu", (t) => t.elu(2), (v) => (v > 0 ? v : 2 * Math.expm1(v))],
  ["prelu", (t) => t.prelu(tensor([0.3])), (v) => (v > 0 ? v : 0.3 * v)],
  ["rsub", (t) => t.rsub(10), (v) => 10 - v],
  ["pow", (t) => t.pow(3), (v) => v ** 3],
  ["clamp", (t) => t.clamp(-1, 1), (v) => Math.min(Math.max(v, -1), 1)],
  ["clamp from below alone", (t) => t.clamp(0), (v) => Math.max(v, 0)],
  ["clamp from above alone", (t) => t.clamp(null, 0), (v) => Math.min(v, 0)],
  ["lerp", (t) => t.lerp(ones([3]), 0.25), (v) => v + 0.25 * (1 - v)],
  ["atan2", (t) => t.atan2(ones([3])), (v) => Math.atan2(v, 1)],
  ["remainder", (t) => t.remainder(2), (v) => v - 2 * Math.floor(v / 2)],
  ["floorDivide", (t) => t.floorDivide(2), (v) => Math.floor(v / 2)],
  ["maximum", (t) => t.maximum(1), (v) => Math.max(v, 1)],
  ["minimum", (t) => t.minimum(1), (v) => Math.min(v, 1)],
])("%s", (_, method, formula) => tidy(() => close(method(x()), [-2, 0.5, 3].map(formula), 5)));

test("gelu is x Φ(x)", () => {
  // Φ(−2) = 0.0227501, Φ(0.5) = 0.6914625, Φ(3) = 0.9986501
  tidy(() => close(x().gelu(), [-2 * 0.0227501, 0.5 * 0.6914625, 3 * 0.9986501], 5));
});

test("round goes to the even neighbour at a half", () => {
  tidy(() => expect(tensor([0.5, 1.5, 2.4, -2.5]).round().numbers()).toEqual([0, 2, 2, -2]));
});

test("add takes a factor, and operands broadcast", () => {
  tidy(() => {
    close(x().add(ones([3]), 10), [8, 10.5, 13]);
    close(tensor([1, 2], [2, 1]).mul(tensor([1, 10, 100])), [1, 10, 100, 2, 20, 200]);
    close(x().sub(1).div(2), [-1.5, -0.25, 1]);
  });
});

test("reductions over everything, over a dimension and over several", () => {
  tidy(() => {
    expect(m().sum().item()).toBe(21);
    expect(m().sum(0).numbers()).toEqual([5, 7, 9]);
    expect(m().sum(-1, true).shape).toEqual([2, 1]);
    expect(m().sum([0, 1]).item()).toBe(21);
    expect(m().mean(1).numbers()).toEqual([2, 5]);
    expect(m().max().item()).toBe(6);
    expect(m().min(0).numbers()).toEqual([1, 2, 3]);
    expect(m().max([0, 1], true).shape).toEqual([1, 1]);
    expect(m().argmax().item()).toBe(5);
    expect(m().argmax(1).numbers()).toEqual([2, 2]);
    expect(m().cumsum(1).numbers()).toEqual([1, 3, 6, 4, 9, 15]);
    close(m().var(), [3.5]);
    close(m().var(1, 0), [2 / 3, 2 / 3]);
    close(m().norm(), [Math.sqrt(91)]);
    close(m().norm(1), [Math.sqrt(14), Math.sqrt(77)]);
    expect(m().gt(3).any().item()).toBe(1);
    expect(m().gt(3).all().item()).toBe(0);
  });
});

test("shapes", () => {
  tidy(() => {
    expect(m().reshape([3, -1]).shape).toEqual([3, 2]);
    expect(m().permute([1, 0]).numbers()).toEqual([1, 4, 2, 5, 3, 6]);
    expect(m().unsqueeze(1).shape).toEqual([2, 1, 3]);
    expect(m().unsqueeze(1).squeeze(1).shape).toEqual([2, 3]);
    expect(ones([2, 3, 4]).flatten(1).shape).toEqual([2, 12]);
    expect(m().flip(1).numbers()).toEqual([3, 2, 1, 6, 5, 4]);
    expect(m().roll([1], [1]).numbers()).toEqual([3, 1, 2, 6, 4, 5]);
    expect(tensor([1, 2]).repeat([2, 2]).numbers()).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(m().slice(1, 1).numbers()).toEqual([2, 3, 5, 6]);
    expect(m().select(0, -1).numbers()).toEqual([4, 5, 6]);
    expect(m().narrow(1, 1, 1).numbers()).toEqual([2, 5]);
    const index = tensor([2, 0], [2], { dtype: "int64" });
    expect(m().indexSelect(1, index).numbers()).toEqual([3, 1, 6, 4]);
    expect(
      m()
        .gather(1, index.reshape([2, 1]))
        .numbers(),
    ).toEqual([3, 4]);
    expect(m().maskedFill(m().gt(4), 0).numbers()).toEqual([1, 2, 3, 4, 0, 0]);
    // A quarter turn from rows towards columns is anticlockwise on the page, as numpy.rot90's.
    expect(m().rot90(1).numbers()).toEqual([3, 6, 2, 5, 1, 4]);
    expect([m().size, m().ndim]).toEqual([6, 2]);
  });
});

test("comparisons and logic", () => {
  tidy(() => {
    const t = tensor([1, 2, 3]);
    const flags = [t.eq(2), t.ne(2), t.lt(2), t.le(2), t.gt(2), t.ge(2)].map((f) => f.numbers());
    expect(flags).toEqual([
      [0, 1, 0],
      [1, 0, 1],
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
      [0, 1, 1],
    ]);
    expect(t.gt(1).and(t.lt(3)).numbers()).toEqual([0, 1, 0]);
    expect(t.gt(2).or(t.lt(2)).not().numbers()).toEqual([0, 1, 0]);
    const odd = tensor([1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect([odd.isfinite().numbers(), odd.isnan().numbers()]).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });
});

test("softmax sums to one and survives large logits", () => {
  tidy(() => {
    close(tensor([1000, 1000 + Math.log(3)]).softmax(0), [0.25, 0.75], 4);
    close(tensor([0, Math.log(3)]).logSoftmax(0), [Math.log(0.25), Math.log(0.75)]);
  });
});

test("copies, types and devices", () => {
  tidy(() => {
    const t = tensor([1.9, -1.9]);
    expect(t.to("int64").numbers()).toEqual([1, -1]);
    expect(t.to("float32").dtype).toBe("float32");
    const clone = t.clone();
    t.copy_(tensor([5, 6]));
    expect([t.numbers(), clone.to("int32").numbers()]).toEqual([
      [5, 6],
      [1, -1],
    ]);
    expect(t.toDevice("cpu").device).toBe("cpu");
  });
});

test("item refuses a tensor of several elements", () => {
  tidy(() => expect(messageOf(() => m().item())).toBe("item: tensor must have one element, got shape [2,3]"));
});
