/** The methods' own losses, worked out again in plain numbers. */
import { expect, test } from "vitest";
import { alignDistribution, muAt } from "../../src/adapt/adamatch.ts";
import { multilinear, sureShares } from "../../src/adapt/cdan.ts";
import { covariance, lossCoral } from "../../src/adapt/coral.ts";
import { mmdSquared } from "../../src/adapt/discrepancy.ts";
import { bbse, em } from "../../src/adapt/label-shift.ts";
import { lossMcc } from "../../src/adapt/mcc.ts";
import { lambdaAt, lossDomain, reverseGradient } from "../../src/adapt/reversal.ts";
import { lossBalance, lossCons } from "../../src/adapt/self-ensembling.ts";
import { controlledRisk } from "../../src/adapt/validators/dev.ts";
import { grad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";

const softmax = (z: number[]) => {
  const e = z.map(Math.exp);
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
};

test("gradient reversal keeps the value and turns the gradient's sign", () => {
  const x = tensor([2, -1]).withGrad();
  const y = reverseGradient(x, 0.3);
  expect(y.numbers().map((v) => Math.round(v * 1e6) / 1e6)).toEqual([2, -1]);
  const [g] = grad(y.mul(tensor([5, 7])).sum(), [x]);
  expect(g!.numbers()[0]).toBeCloseTo(-1.5, 6);
  expect(g!.numbers()[1]).toBeCloseTo(-2.1, 6);
  expect(lambdaAt(0)).toBe(0);
  expect(lambdaAt(1)).toBeCloseTo(2 / (1 + Math.exp(-10)) - 1, 12);
});

test("the domain loss is the mean over the domains, images by their shares", () => {
  const z = lossDomain(tensor([[Math.log(3)], [0]]), tensor([[0]]), tensor([0.25, 0.75]), tensor([1]));
  expect(z.item()).toBeCloseTo((0.25 * Math.log(4 / 3) + 0.75 * Math.log(2) + Math.log(2)) / 2, 6);
});

test("CDAN: f ⊗ g, and sure images weigh 1 + exp(−H)", () => {
  expect(multilinear(tensor([[2, 3]]), tensor([[0.25, 0.75]])).numbers()).toEqual([0.5, 1.5, 0.75, 2.25]);
  const w = sureShares(
    tensor([0.5, 0.5]),
    tensor([
      [0.5, 0.5],
      [1, 0],
    ]),
  ).numbers();
  // exp(−log 2) = 1/2 and exp(0) = 1
  expect(w[0]! / w[1]!).toBeCloseTo(1.5 / 2, 6);
  expect(w[0]! + w[1]!).toBeCloseTo(1, 6);
});

test("MCC of skewed classes matches a plain computation; sure predictions of one class each confuse nothing", () => {
  const z = [
    [2, 0, -1],
    [1.5, 0.2, 0],
    [0.3, 0.1, 0.9],
    [2.5, -1, 0.4],
  ];
  const T = 2.5;
  const y = z.map((row) => softmax(row.map((v) => v / T)));
  const certain = y.map((p) => 1 + Math.exp(p.reduce((sum, v) => sum + v * Math.log(v), 0)));
  const total = certain.reduce((a, b) => a + b, 0);
  const w = certain.map((v) => (4 * v) / total);
  let confusion = 0;
  for (let i = 0; i < 3; i++) {
    const row = [0, 1, 2].map((j) => y.reduce((sum, p, n) => sum + w[n]! * p[i]! * p[j]!, 0));
    const all = row.reduce((a, b) => a + b, 0);
    row.forEach((value, j) => {
      if (i !== j) confusion += value / all / 3;
    });
  }
  expect(lossMcc(tensor(z), T).item()).toBeCloseTo(confusion, 5);
  expect(
    lossMcc(
      tensor([
        [50, -50],
        [-50, 50],
      ]),
      1,
    ).item(),
  ).toBeCloseTo(0, 6);
});

test("MMD² of weighed rows under five kernels", () => {
  const [a, b] = [
    [
      [0, 1],
      [2, 0.5],
    ],
    [
      [1, 1],
      [0, -1],
      [3, 2],
    ],
  ];
  const [w, v] = [
    [0.3, 0.7],
    [0.2, 0.3, 0.5],
  ];
  const rows = [...a, ...b];
  const share = [...w, ...v.map((value) => -value)];
  const d = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + (value - q[i]!) ** 2, 0);
  const scale = rows.reduce((sum, p) => sum + rows.reduce((s, q) => s + d(p, q), 0), 0) / 20;
  let expected = 0;
  rows.forEach((p, i) => {
    rows.forEach((q, j) => {
      for (const width of [0.25, 0.5, 1, 2, 4])
        expected += share[i]! * share[j]! * Math.exp(-d(p, q) / (width * scale));
    });
  });
  expect(mmdSquared(tensor(a), tensor(b), tensor(w), tensor(v)).item()).toBeCloseTo(expected, 5);
  expect(mmdSquared(tensor(a), tensor(a), tensor(w), tensor(w)).item()).toBeCloseTo(0, 6);
});

test("CORAL: the unbiased covariance at equal shares, and the scaled square of the difference", () => {
  const f = tensor([
    [1, 2],
    [3, 1],
    [2, 6],
  ]);
  const equal = tensor([1 / 3, 1 / 3, 1 / 3]);
  const c = covariance(f, equal).numbers();
  // means 2 and 3: off (−1, −1), (1, −2), (0, 3)
  [1, -0.5, -0.5, 7].forEach((value, i) => {
    expect(c[i]).toBeCloseTo(value, 5);
  });
  const g = tensor([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(lossCoral(f, g, equal, equal).item()).toBeCloseTo((1 + 0.25 + 0.25 + 49) / 16, 5);
});

test("self-ensembling: masked consistency, and a balance that is least at the expected prior", () => {
  const p = tensor([
    [0.9, 0.1],
    [0.4, 0.6],
  ]);
  const teacher = tensor([
    [0.7, 0.3],
    [0, 1],
  ]);
  expect(lossCons(p, teacher, tensor([1, 0])).item()).toBeCloseTo(0.04 / 2, 6);
  const at = (lens: number) => lossBalance(tensor([[1 - lens, lens]]), tensor([0.9, 0.1])).item();
  expect(at(0.1)).toBeLessThan(at(0.5));
  expect(at(0.1)).toBeLessThan(at(0.02));
  expect(at(0.5)).toBeCloseTo(2 * Math.log(2), 5);
});

test("AdaMatch: alignment changes the label of a constructed image, and μ rises over the first half", () => {
  const y = tensor([[0.55, 0.45]]);
  const aligned = alignDistribution(y, tensor([0.2, 0.8]), tensor([0.5, 0.5])).numbers();
  expect(aligned[0]).toBeCloseTo((0.55 * 0.4) / (0.55 * 0.4 + 0.45 * 1.6), 5);
  expect(aligned[0]! + aligned[1]!).toBeCloseTo(1, 6);
  expect(aligned[1]).toBeGreaterThan(aligned[0]!);
  expect([0, 0.25, 0.5, 0.9].map((t) => Math.round(muAt(t) * 1e9) / 1e9)).toEqual([0, 0.5, 1, 1]);
});

test("label shift: BBSE and EM find the parts of the classes again", () => {
  // Predictions that know the truth with 0.8: p(lens | x) calibrated under equal parts.
  const rows = (lenses: number, others: number) => [
    ...Array(Math.round(lenses * 0.8)).fill([0.2, 0.8]),
    ...Array(Math.round(lenses * 0.2)).fill([0.8, 0.2]),
    ...Array(Math.round(others * 0.2)).fill([0.2, 0.8]),
    ...Array(Math.round(others * 0.8)).fill([0.8, 0.2]),
  ];
  const source = rows(500, 500);
  const labels = [...Array(500).fill(1), ...Array(500).fill(0)];
  const target = rows(100, 900);
  expect(bbse(source, labels, target)[1]).toBeCloseTo(0.1, 9);
  expect(em(target, [0.5, 0.5])[1]).toBeCloseTo(0.1, 4);
  expect(() =>
    bbse(
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      [0, 1],
      [[0.5, 0.5]],
    ),
  ).toThrow("tell the classes apart");
});

test("DEV's control variate takes out what the weights are off by", () => {
  // A constant loss: whatever the weights, the risk is the loss.
  expect(controlledRisk([2, 2, 2], [0.5, 1, 3])).toBeCloseTo(2, 12);
  expect(controlledRisk([1, 3], [1, 1])).toBe(2);
});
