/** Minimum class confusion. */
import { expect, test } from "vitest";
import { lossMcc } from "../../src/adapt/mcc.ts";
import { tensor } from "../../src/torch/create.ts";
import { confusion } from "./plain-confusion.ts";
import { softmax } from "./plain-network.ts";
import { expectTwoSteps } from "./two-steps.ts";

test("two steps match a plain re-derivation", () => {
  expectTwoSteps("mcc", {
    settings: { weight: 0.9 },
    loss: ({ zT }, now) => 0.9 * confusion(zT, now.zT, 2.5),
  });
});

test("the confusion of skewed classes matches a plain computation; confident predictions of one class each confuse nothing", () => {
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
  let expected = 0;
  for (let i = 0; i < 3; i++) {
    const row = [0, 1, 2].map((j) => y.reduce((sum, p, n) => sum + w[n]! * p[i]! * p[j]!, 0));
    const all = row.reduce((a, b) => a + b, 0);
    row.forEach((value, j) => {
      if (i !== j) expected += value / all / 3;
    });
  }
  expect(lossMcc(tensor(z), T).item()).toBeCloseTo(expected, 5);
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
