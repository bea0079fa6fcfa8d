/** The discrepancy that DAN and the validator mmd use. */
import { expect, test } from "vitest";
import { mmdSquared } from "../../src/adapt/discrepancy.ts";
import { tensor } from "../../src/torch/create.ts";

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
