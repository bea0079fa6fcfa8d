/** Deep CORAL: the difference of the domains' covariances. */
import { expect, test } from "vitest";
import { covariance as covarianceOf, lossCoral } from "../../src/adapt/coral.ts";
import { tensor } from "../../src/torch/create.ts";
import { equal, shares, sum } from "./plain-network.ts";
import { expectTwoSteps } from "./two-steps.ts";

function covariance(f: number[][], w: number[]): number[][] {
  const centre = f[0]!.map((_, j) => sum(f.map((row, i) => w[i]! * row[j]!)));
  const left = 1 - sum(w.map((value) => value ** 2));
  return centre.map((_, j) =>
    centre.map(
      (_, k) => sum(f.map((row, i) => w[i]! * (row[j]! - centre[j]!) * (row[k]! - centre[k]!))) / left,
    ),
  );
}

test("two steps match a plain re-derivation", () => {
  expectTwoSteps("coral", {
    settings: { weight: 5 },
    loss: ({ fS, fT }) => {
      const [a, b] = [covariance(fS, shares()), covariance(fT, equal(fT.length))];
      return (5 * sum(a.flatMap((row, j) => row.map((value, k) => (value - b[j]![k]!) ** 2)))) / (4 * 3 * 3);
    },
  });
});

test("the unbiased covariance at equal shares, and the scaled square of the difference", () => {
  const f = tensor([
    [1, 2],
    [3, 1],
    [2, 6],
  ]);
  const thirds = tensor([1 / 3, 1 / 3, 1 / 3]);
  const c = covarianceOf(f, thirds).numbers();
  // means 2 and 3: deviations (−1, −1), (1, −2), (0, 3)
  [1, -0.5, -0.5, 7].forEach((value, i) => {
    expect(c[i]).toBeCloseTo(value, 5);
  });
  const g = tensor([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(lossCoral(f, g, thirds, thirds).item()).toBeCloseTo((1 + 0.25 + 0.25 + 49) / 16, 5);
});
