/** DAN: the discrepancy of features and of outputs under five kernels. */
import { test } from "vitest";
import { equal, shares, softmax, sum } from "./plain-network.ts";
import { expectTwoSteps } from "./two-steps.ts";

function mmd(a: number[][], b: number[][], w: number[], v: number[], scale: number): number {
  const rows = [...a, ...b];
  const share = [...w, ...v.map((value) => -value)];
  let total = 0;
  rows.forEach((x, i) => {
    rows.forEach((y, j) => {
      const d = sum(x.map((value, at) => (value - y[at]!) ** 2));
      for (const width of [0.25, 0.5, 1, 2, 4])
        total += share[i]! * share[j]! * Math.exp(-d / (width * scale));
    });
  });
  return total;
}
const meanDistance = (rows: number[][]) =>
  sum(rows.flatMap((x) => rows.map((y) => sum(x.map((value, at) => (value - y[at]!) ** 2))))) /
  (rows.length * (rows.length - 1));

test("two steps match a plain re-derivation", () => {
  expectTwoSteps("dan", {
    settings: { weight: 0.7 },
    loss: ({ fS, fT, zS, zT }, now) => {
      const [w, v] = [shares(), equal(fT.length)];
      const [pS, pT] = [zS.map(softmax), zT.map(softmax)];
      const outputs = meanDistance([...now.zS.map(softmax), ...now.zT.map(softmax)]);
      return 0.7 * (mmd(fS, fT, w, v, meanDistance([...now.fS, ...now.fT])) + mmd(pS, pT, w, v, outputs));
    },
  });
});
