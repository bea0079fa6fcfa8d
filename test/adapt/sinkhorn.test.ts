/** The Sinkhorn divergence against exact transport, closed forms and finite differences. */
import { expect, test } from "vitest";
import { largestDistance, type SinkhornOptions, sinkhornDivergence } from "../../src/adapt/sinkhorn.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

type Rows = number[][];

const rowsOf = (rows: Rows): Tensor =>
  tensor(rows.flat(), [rows.length, rows[0]!.length], { dtype: "float64" });
const ofShares = (shares: number[]): Tensor => tensor(shares, [shares.length], { dtype: "float64" });
const equal = (n: number): number[] => Array(n).fill(1 / n);
const exact = { tolerance: 1e-6, iterations: 500 };

/** S_ε in numbers; equal shares unless they are given. */
function divergence(
  x: Rows,
  y: Rows,
  options: SinkhornOptions,
  a: number[] = equal(x.length),
  b: number[] = equal(y.length),
): number {
  return tidy(() => sinkhornDivergence(rowsOf(x), rowsOf(y), ofShares(a), ofShares(b), options).item());
}

const normal = (n: number, seed: number, shift = 0): Rows =>
  tidy(() => {
    const values = new Generator(seed).normal([n * 3]).numbers();
    return Array.from({ length: n }, (_, i) => values.slice(3 * i, 3 * i + 3).map((value) => value + shift));
  });

const halfSquared = (p: number[], q: number[]) => p.reduce((sum, v, k) => sum + (v - q[k]!) ** 2, 0) / 2;

/** The cheapest one-to-one transport, by trying all. */
function cheapest(x: Rows, y: Rows): number {
  const orders = (left: number[]): number[][] =>
    left.length === 0
      ? [[]]
      : left.flatMap((j) => orders(left.filter((k) => k !== j)).map((rest) => [j, ...rest]));
  const costs = orders(x.map((_, i) => i)).map((order) =>
    order.reduce((sum, j, i) => sum + halfSquared(x[i]!, y[j]!), 0),
  );
  return Math.min(...costs) / x.length;
}

test("a small σ gives the exact transport, found by trying every assignment", () => {
  for (const seed of [1, 2, 3]) {
    const [x, y] = [normal(5, seed), normal(5, seed + 50, 0.5)];
    expect(divergence(x, y, { sigma: 0.03, ...exact })).toBeCloseTo(cheapest(x, y), 6);
  }
});

test("shares that differ are transported in parts, and what ε adds is known", () => {
  // From 0 and 1 with shares 1/4 and 3/4 to 0 and 2 with 1/2 each: 1/4 goes from 1 to 0, 1/2 from 1 to 2.
  const [x, y] = [
    [[0], [1]],
    [[0], [2]],
  ];
  const [a, b] = [
    [0.25, 0.75],
    [0.5, 0.5],
  ];
  const kl = 0.25 * Math.log(2) + 0.25 * Math.log(2 / 3) + 0.5 * Math.log(4 / 3); // of the plan from a ⊗ b
  const own = (shares: number[]) => -shares.reduce((sum, share) => sum + share * Math.log(share), 0); // stays in place
  for (const sigma of [0.03, 0.1])
    expect(divergence(x, y, { sigma, ...exact }, a, b)).toBeCloseTo(
      0.375 + sigma ** 2 * (kl - (own(a) + own(b)) / 2),
      9,
    );
});

test("a large σ leaves half the squared distance of the means", () => {
  const [x, y] = [
    [
      [0, 0],
      [2, 0],
    ],
    [
      [4, 3],
      [6, 3],
      [5, 3],
    ],
  ]; // means (1, 0) and (5, 3)
  expect(divergence(x!, y!, { sigma: 300 })).toBeCloseTo(25 / 2, 3);
});

test("a shift by t costs ‖t‖² / 2 at every σ, and so does a single point", () => {
  const x = normal(6, 4);
  const y = x.map(([p, q, r]) => [p! + 1, q! - 2, r! + 2]);
  for (const sigma of [1, 5]) expect(divergence(x, y, { sigma, ...exact })).toBeCloseTo(4.5, 6);
  expect(divergence([[1, 2]], [[4, 6]], { sigma: 0.1 })).toBeCloseTo(12.5, 9);
});

test("0 for the same rows, in another order too", () => {
  const x = normal(8, 5);
  for (const sigma of [1, 3]) {
    expect(divergence(x, x, { sigma })).toBe(0);
    expect(divergence(x, x.toReversed(), { sigma, ...exact })).toBeCloseTo(0, 9);
  }
});

test("symmetric, and never below 0", () => {
  for (const seed of [6, 7])
    for (const sigma of [1, 2]) {
      const [x, y] = [normal(5, seed), normal(7, seed + 50, 0.1)];
      const there = divergence(x, y, { sigma, ...exact });
      expect(there).toBeGreaterThan(0);
      expect(divergence(y, x, { sigma, ...exact })).toBeCloseTo(there, 8);
    }
});

test("the gradient to both sets is that of finite differences", () => {
  const [x, y] = [normal(3, 10), normal(4, 11, 0.3)];
  const [a, b] = [[0.2, 0.3, 0.5], equal(4)];
  const options = { sigma: 1, ...exact };
  const gradients = tidy(() => {
    const leaves = [rowsOf(x).withGrad(), rowsOf(y).withGrad()] as const;
    sinkhornDivergence(...leaves, ofShares(a), ofShares(b), options).backward();
    return leaves.map((leaf) => leaf.grad!.numbers());
  });
  const h = 1e-5;
  const moved = (rows: Rows, i: number, by: number): Rows =>
    rows.map((row, r) => row.map((value, k) => (3 * r + k === i ? value + by : value)));
  [x, y].forEach((rows, which) => {
    rows.flat().forEach((_, i) => {
      const at = (by: number) =>
        divergence(which === 0 ? moved(x, i, by) : x, which === 1 ? moved(y, i, by) : y, options, a, b);
      expect(gradients[which]![i]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
    });
  });
});

test("equal and far points have finite values and gradients, whatever the number of iterations", () => {
  const cases: [Rows, Rows][] = [
    [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
    [
      [
        [0, 0],
        [1e-30, 0],
      ],
      [
        [1e15, 0],
        [-1e15, 1],
      ],
    ],
    [
      [
        [1e15, 0],
        [1e15, 0],
      ],
      [
        [1e15, 0],
        [0, 0],
      ],
    ],
  ];
  for (const [x, y] of cases)
    for (const iterations of [1, 50])
      tidy(() => {
        const leaves = [rowsOf(x).withGrad(), rowsOf(y).withGrad()] as const;
        const half = tensor([0.5, 0.5]);
        const value = sinkhornDivergence(...leaves, half, half, { sigma: 0.01, iterations });
        value.backward();
        expect([value.item(), ...leaves.flatMap((leaf) => leaf.grad!.numbers())].every(Number.isFinite)).toBe(
          true,
        );
      });
});

test("float32 features far from 0 lose nothing", () => {
  // Multiples of 1/16 are exact in float32 at 10,000.
  const x = [
    [0, 0],
    [1, 0.5],
  ];
  const y = [
    [0.25, 0],
    [0.5, 1],
  ];
  const away = (rows: Rows) =>
    tensor(
      rows.flat().map((value) => value + 1e4),
      [2, 2],
    );
  const half = [0.5, 0.5];
  const far = tidy(() =>
    sinkhornDivergence(away(x), away(y), tensor(half), tensor(half), { sigma: 0.1, ...exact }).item(),
  );
  expect(far).toBeCloseTo(divergence(x, y, { sigma: 0.1, ...exact }), 9);
  expect(
    tidy(() =>
      largestDistance(
        away([
          [0, 0],
          [1, 0],
        ]),
        away([
          [4, 4],
          [0, 0],
        ]),
      ),
    ),
  ).toBeCloseTo(Math.sqrt(32), 9);
});

test("a σ of 0 is refused", () => {
  expect(() => divergence([[0]], [[1]], { sigma: 0 })).toThrow("sigma must be a number above 0, got 0");
});
