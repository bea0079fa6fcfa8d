import { expect, test } from "vitest";
import { AdamW } from "../../src/nn/optim/adamw.ts";
import type { Optimizer } from "../../src/nn/optim/optimizer.ts";
import { SGD } from "../../src/nn/optim/sgd.ts";
import { setGrad } from "../../src/torch/autograd.ts";
import { full, tensor, zeros } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { keep, liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

/** The gradients of a parameter, step by step. */
const GRADIENTS = [
  [0.1, -2, 3],
  [0.5, 0, -1],
  [-4, 1e-3, 2],
  [0.3, 0.3, 0.3],
];
const START = [1, -0.5, 2];

const parameter = (values: number[], dtype: "float32" | "float64" = "float64") =>
  keep(tensor(values, [values.length], { dtype })).withGrad();

function descend(optimizer: Optimizer, theta: Tensor, gradients = GRADIENTS): number[][] {
  return gradients.map((gradient) => {
    tidy(() => setGrad(theta, tensor(gradient, [gradient.length], { dtype: theta.dtype })));
    optimizer.step();
    return theta.numbers();
  });
}

function close(actual: number[][], expected: number[][], digits = 12): void {
  actual.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value).toBeCloseTo(expected[i]![j]!, digits);
    });
  });
  expect(actual.length).toBe(expected.length);
}

/** Algorithm 2 of arXiv 1711.05101 with PyTorch's decay by lr λ, one number at a time. */
function adamwByHand(lr: number, b1: number, b2: number, eps: number, decay: number): number[][] {
  const theta = [...START];
  const m = [0, 0, 0];
  const v = [0, 0, 0];
  return GRADIENTS.map((gradient, index) => {
    const t = index + 1;
    gradient.forEach((g, i) => {
      theta[i]! -= lr * decay * theta[i]!;
      m[i] = b1 * m[i]! + (1 - b1) * g;
      v[i] = b2 * v[i]! + (1 - b2) * g * g;
      theta[i]! -= (lr * (m[i]! / (1 - b1 ** t))) / (Math.sqrt(v[i]! / (1 - b2 ** t)) + eps);
    });
    return [...theta];
  });
}

test("AdamW follows its paper", () => {
  const theta = parameter(START);
  const options = { lr: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2 };
  const optimizer = new AdamW(new Map([["w", theta]]), options);
  close(descend(optimizer, theta), adamwByHand(0.1, 0.8, 0.95, 1e-3, 0.2));
});

test("AdamW's first step is lr against the gradient's sign", () => {
  const theta = parameter([0, 0], "float32");
  close(descend(new AdamW(new Map([["w", theta]]), { lr: 0.01 }), theta, [[1e-3, -50]]), [[-0.01, 0.01]], 6);
});

test.each([
  [false, 0],
  [false, 0.9],
  [true, 0.9],
])("SGD with nesterov %s and momentum %d follows its formula", (nesterov, momentum) => {
  const theta = parameter(START);
  const optimizer = new SGD(new Map([["w", theta]]), { lr: 0.1, momentum, nesterov, weightDecay: 0.01 });
  const byHand = [...START];
  const b = [0, 0, 0];
  const expected = GRADIENTS.map((gradient) => {
    gradient.forEach((raw, i) => {
      const g = raw + 0.01 * byHand[i]!;
      b[i] = momentum * b[i]! + g;
      byHand[i]! -= 0.1 * (nesterov ? g + momentum * b[i]! : b[i]!);
    });
    return [...byHand];
  });
  close(descend(optimizer, theta), expected);
});

test("groups have their own rates and decays, and the schedule's factor scales them all", () => {
  const [a, b] = [parameter([1]), parameter([1])];
  const optimizer = new SGD(
    [
      { parameters: new Map([["w", a]]), lr: 1 },
      { parameters: new Map([["w", b]]), weightDecay: 0.5 },
    ],
    { lr: 0.1 },
  );
  optimizer.factor = 0.5;
  tidy(() => {
    setGrad(a, tensor([0.2], [1], { dtype: "float64" }));
    setGrad(b, tensor([0.2], [1], { dtype: "float64" }));
  });
  optimizer.step();
  expect(a.item()).toBeCloseTo(1 - 0.5 * 0.2, 12);
  expect(b.item()).toBeCloseTo(1 - 0.05 * (0.2 + 0.5), 12);
});

test("a parameter without a gradient is left alone, and its bias correction starts when it has one", () => {
  const [a, b] = [parameter([1]), parameter([1])];
  const optimizer = new AdamW(new Map([["a", a], ["b", b]]), { lr: 0.1, weightDecay: 0 }); // biome-ignore format: pairs
  descend(optimizer, a, [[1], [1]]);
  expect(b.item()).toBe(1);
  optimizer.zeroGrad();
  expect(a.grad).toBeNull();
  descend(optimizer, b, [[1]]);
  expect(b.item()).toBeCloseTo(0.9, 7); // a first step, though the optimiser's third
  expect(a.item()).toBeCloseTo(0.8, 7);
});

test("an optimiser saved and loaded half way continues to the same bits", () => {
  const start = tidy(() => new Generator(1).normal([50]).numbers());
  const gradients = Array.from({ length: 4 }, (_, i) => tidy(() => new Generator(i).normal([50]).numbers()));
  for (const make of [
    (theta: Tensor) => new AdamW(new Map([["w", theta]]), { lr: 0.01 }),
    (theta: Tensor) => new SGD(new Map([["w", theta]]), { momentum: 0.9 }),
  ]) {
    const whole = parameter(start, "float32");
    descend(make(whole), whole, gradients);
    const first = parameter(start, "float32");
    const optimizer = make(first);
    descend(optimizer, first, gradients.slice(0, 2));
    const second = parameter(first.numbers(), "float32");
    const resumed = make(second);
    tidy(() => resumed.load(optimizer.state()));
    descend(resumed, second, gradients.slice(2));
    expect(second.data()).toEqual(whole.data());
  }
});

test("a state of other parameters is refused by name", () => {
  const a = parameter([1, 2]);
  const optimizer = new AdamW(new Map([["a", a]]));
  descend(optimizer, a, [[1, 1]]);
  const into = (values: number[], name: string) => new AdamW(new Map([[name, parameter(values)]]));
  tidy(() => {
    const state = optimizer.state();
    expect([...state.keys()]).toEqual(["0.a.step", "0.a.exp_avg", "0.a.exp_avg_sq"]);
    expect(() => into([1], "a").load(state, "c.safetensors")).toThrow(
      "c.safetensors: 0.a.exp_avg must be of shape [1], got [2]",
    );
    expect(() => into([1, 2], "b").load(state)).toThrow("optimizer: unexpected 0.a.step, 0.a.exp_avg");
    expect(() => into([1, 2], "a").load(new Map([...state].slice(0, 2)))).toThrow("missing 0.a.exp_avg_sq");
  });
});

test("impossible settings are refused", () => {
  const parameters = new Map([["a", parameter([1])]]);
  expect(() => new AdamW(parameters, { lr: -1 })).toThrow("optimizer: lr must be a number from 0, got -1");
  expect(() => new SGD(parameters, { nesterov: true })).toThrow(
    "SGD: momentum must be above 0 with nesterov, got 0",
  );
});

test("a hundred steps leave only the moments, and dispose frees them", () => {
  const theta = parameter(START);
  const optimizer = new AdamW(new Map([["w", theta]]));
  const before = liveTensors();
  for (let i = 0; i < 100; i++) descend(optimizer, theta, [[1, 2, 3]]);
  expect(liveTensors()).toBe(before + 2);
  optimizer.dispose();
  expect(liveTensors()).toBe(before);
});

test("parameters larger and smaller than a batch are all moved, each once", () => {
  const sizes = [3, 300_000, 200_000, 100_000, 5];
  const thetas = sizes.map((size) => keep(zeros([size])).withGrad());
  const optimizer = new SGD(new Map(thetas.map((theta, i) => [`w${i}`, theta])), { lr: 1 });
  tidy(() => thetas.forEach((theta, i) => { setGrad(theta, full(theta.shape, -1 - i)); })); // biome-ignore format: short
  optimizer.step();
  thetas.forEach((theta, i) => {
    expect(tidy(() => [theta.min().item(), theta.max().item()])).toEqual([1 + i, 1 + i]);
  });
});
