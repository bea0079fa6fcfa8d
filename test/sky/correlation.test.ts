import { expect, test } from "vitest";
import { autocorrelationOf } from "../../src/sky/autocorrelation.ts";
import { correlated } from "../../src/sky/correlation.ts";
import { stack } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

test("bilinear resampling: triangles overlap by 1/6 over 2/3, a quarter, along each axis", () => {
  const rho = autocorrelationOf("bilinear");
  expect(rho[0]![0]).toBe(1);
  expect(rho[0]![1]).toBeCloseTo(0.25, 5);
  expect(rho[1]![0]).toBeCloseTo(0.25, 5);
  expect(rho[1]![1]).toBeCloseTo(0.0625, 5);
});

test("Lanczos resampling: neighbours correlate a little, the next ones negatively", () => {
  const [row] = autocorrelationOf("lanczos3");
  expect(row![1]).toBeCloseTo(0.112, 2);
  expect(row![2]).toBeLessThan(-0.05);
});

const SIZE = 256;
const draw = (seeds: readonly number[]) => (margin: number) =>
  stack(seeds.map((seed) => new Generator(seed).normal([2, SIZE + 2 * margin, SIZE + 2 * margin])));

for (const kind of ["bilinear", "lanczos3"] as const) {
  test(`${kind} noise: variance 1, its autocorrelation in both directions, independent bands`, () => {
    const { rho, want } = tidy(() => {
      const noise = correlated(kind, [SIZE, SIZE], draw([3, 4, 5, 6]));
      const mean = (dy: number, dx: number) =>
        noise
          .mul(noise.roll([dy, dx], [2, 3]))
          .mean()
          .item();
      const bands = noise.select(1, 0).mul(noise.select(1, 1)).mean().item();
      return {
        rho: [mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1), mean(0, 2), bands],
        want: autocorrelationOf(kind),
      };
    });
    const expected = [1, want[0]![1]!, want[1]![0]!, want[1]![1]!, want[0]![2] ?? 0, 0];
    rho.forEach((value, k) => {
      expect(Math.abs(value - expected[k]!), `${k}`).toBeLessThan(0.012); // five standard errors of half a million pixels
    });
  });
}

test("a measured autocorrelation is reproduced", () => {
  const lags = [
    [1, 0.3, 0.05],
    [0.2, 0.06, 0],
  ];
  const rho = tidy(() => {
    const noise = correlated(lags, [SIZE, SIZE], draw([7, 8]));
    const mean = (dy: number, dx: number) =>
      noise
        .mul(noise.roll([dy, dx], [2, 3]))
        .mean()
        .item();
    return [mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1), mean(1, -1), mean(3, 0)];
  });
  [1, 0.3, 0.2, 0.06, 0.06, 0].forEach((want, k) => {
    expect(Math.abs(rho[k]! - want)).toBeLessThan(0.015);
  });
});

test("a table that is no autocorrelation is refused", () => {
  expect(() =>
    tidy(() => correlated([[1, -0.9]], [8, 8], (m) => new Generator(1).normal([1, 1, 8 + 2 * m, 8 + 2 * m]))),
  ).toThrow(/noiseCorrelation must be an autocorrelation/);
});

for (const kind of ["bilinear", "lanczos3"] as const)
  test(`${kind} noise has the same variance at its edges, and none in common with the opposite one`, () => {
    const side = 48;
    const [share, variance] = tidy(() => {
      const draw = (margin: number) =>
        new Generator(8).normal([400, 2, side + 2 * margin, side + 2 * margin]);
      const noise = correlated(kind, [side, side], draw);
      const edge = (first: number, dim: number) => noise.narrow(dim, first, 1);
      const product = (dim: number) =>
        edge(0, dim)
          .mul(edge(side - 1, dim))
          .mean()
          .item();
      return [Math.max(Math.abs(product(2)), Math.abs(product(3))), edge(0, 3).square().mean().item()];
    });
    expect(share).toBeLessThan(0.025); // five standard errors of 38,400 pixels that are not all independent
    expect(Math.abs(variance! - 1)).toBeLessThan(0.04);
  });
