/** Regression by a Gaussian process: what it says, what it says of rows left out, and that it can bend. */
import { expect, test } from "vitest";
import { fitGaussianProcess, gaussianProcessAt } from "../../../src/evaluate/probing/gaussian-process.ts";
import { linearSolve } from "../../../src/foundation/linear-solve.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { liveTensors } from "../../../src/torch/scope.ts";

/** Standardised already: mean 0 and deviation 1, so that centres are the rows. */
const X = Float64Array.of(-Math.SQRT2, -Math.SQRT2 / 2, 0, Math.SQRT2 / 2, Math.SQRT2);
const Y = Float64Array.of(0, 1, 0.2, 0.9, 0.4);

const kernel = (gamma: number, rows: readonly number[]) =>
  rows.map((a) => rows.map((b) => Math.exp(-gamma * (a - b) ** 2)));

/** The mean of the process at x by its equation, for rows and residuals. */
function meanAt(x: number, rows: readonly number[], r: readonly number[], gamma: number, noise: number) {
  const C = kernel(gamma, rows).map((row, i) => row.map((value, j) => value + (i === j ? noise : 0)));
  const alpha = linearSolve(C, r, 1e-12)!;
  return rows.reduce((sum, row, i) => sum + alpha[i]! * Math.exp(-gamma * (x - row) ** 2), 0);
}

test("it says what its equation says, also of each row left out", async () => {
  const fit = await fitGaussianProcess(X, Y);
  const { gamma, noise, mean } = fit;
  expect(mean).toBeCloseTo(0.5, 12);
  const residuals = Array.from(Y, (y) => y - mean);
  const [value] = gaussianProcessAt(fit, Float64Array.of(0.3));
  const { shift, scale } = fit;
  const rows = Array.from(X, (x) => (x - shift[0]!) / scale[0]!);
  expect(value).toBeCloseTo(mean + meanAt((0.3 - shift[0]!) / scale[0]!, rows, residuals, gamma, noise), 8);
  for (const i of X.keys()) {
    const others = rows.filter((_, j) => j !== i);
    const without = meanAt(
      rows[i]!,
      others,
      residuals.filter((_, j) => j !== i),
      gamma,
      noise,
    );
    expect(fit.leftOut[i]).toBeCloseTo(mean + without, 8);
  }
});

test("its settings have the largest evidence: noise is found where there is noise, and none where there is none", async () => {
  const draws = new Draws(3);
  const x = Float64Array.from({ length: 60 }, () => draws.normal());
  const smooth = await fitGaussianProcess(
    x,
    x.map((value) => Math.sin(2 * value)),
  );
  expect(smooth.noise).toBeLessThan(0.02);
  const noisy = await fitGaussianProcess(
    x,
    x.map((value) => Math.sin(2 * value) + draws.normal()),
  );
  expect(noisy.noise).toBeGreaterThan(0.3);
});

test("it learns what no line can: lenses where the signs of two features agree; nothing leaks", async () => {
  const draws = new Draws(4);
  const before = liveTensors();
  const rows = Array.from({ length: 80 }, () => [draws.normal(), draws.normal()] as const);
  const features = Float64Array.from(rows.flat());
  const fit = await fitGaussianProcess(
    features,
    Float64Array.from(rows, ([a, b]) => Number(a * b > 0)),
  );
  const said = gaussianProcessAt(fit, Float64Array.of(1, 1, -1, -1, 1, -1, -1, 1));
  expect(Math.min(said[0]!, said[1]!)).toBeGreaterThan(0.65);
  expect(Math.max(said[2]!, said[3]!)).toBeLessThan(0.35);
  expect(liveTensors()).toBe(before);
});

test("a feature that is the same everywhere says nothing, and does no harm", async () => {
  const constant = await fitGaussianProcess(Float64Array.from([...X].flatMap((x) => [x, 7])), Y);
  const [value] = gaussianProcessAt(constant, Float64Array.of(0.3, 7));
  expect(value).toSatisfy(Number.isFinite);
});
