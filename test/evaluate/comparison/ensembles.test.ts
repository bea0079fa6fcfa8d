import { expect, test } from "vitest";
import { logOddsOf, meanOf, probabilityOf, stack } from "../../../src/evaluate/comparison/ensembles.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { liveTensors } from "../../../src/torch/scope.ts";

test("probabilities and log-odds of a class among three, by hand", () => {
  const logits = { values: [Math.log(1), Math.log(2), Math.log(5), 0, 0, 0], classes: 3 };
  expect(Array.from(probabilityOf(logits, 2), (p) => p.toFixed(12))).toEqual(
    [5 / 8, 1 / 3].map((p) => p.toFixed(12)),
  );
  expect(logOddsOf(logits, 2)[0]).toBeCloseTo(Math.log(5 / 3), 12);
  // Where the probability rounds to 1 the log-odds still tell rows apart.
  const sure = { values: [0, 90, 0, 95], classes: 2 };
  expect(Array.from(logOddsOf(sure, 1))).toEqual([90, 95]);
});

test("the mean of members is the mean row by row", () => {
  const mean = meanOf([Float64Array.of(0.2, 0.6), Float64Array.of(0.4, 1), Float64Array.of(0.6, 0.2)]);
  expect(Array.from(mean, (p) => p.toFixed(12))).toEqual([0.4, 0.6].map((p) => p.toFixed(12)));
});

test("the stacker is the ridge logistic regression whose gradient is zero, and leaks nothing", () => {
  const draws = new Draws(5);
  const V = 120;
  const labels = Uint8Array.from({ length: V }, () => Number(draws.chance(0.4)));
  const good = Float64Array.from(labels, (y) => draws.normal(3 * y, 1.5));
  const poor = Float64Array.from(labels, (y) => draws.normal(0.3 * y, 4));
  const before = liveTensors();
  // Scoring the fitted rows themselves gives the probabilities of which the gradient is made.
  const fitted = stack([good, poor], labels, [good, poor]);
  expect(liveTensors()).toBe(before);
  const scaled = [good, poor].map((x) => {
    const mean = x.reduce((a, b) => a + b, 0) / V;
    const sd = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / V);
    return x.map((value) => (value - mean) / sd);
  });
  const z = fitted.map((p) => Math.log(p / (1 - p)));
  // The weights, back from three rows' log-odds: z = w₁x₁ + w₂x₂ + b.
  const [w1, w2, b] = solve3([0, 1, 2].map((i) => [scaled[0]![i]!, scaled[1]![i]!, 1, z[i]!]));
  for (const [k, w] of [w1!, w2!].entries()) {
    const gradient = scaled[k]!.reduce((sum, x, i) => sum + (fitted[i]! - labels[i]!) * x, 0);
    expect(gradient + 1 * w).toBeCloseTo(0, 5); // the penalty is one row's
  }
  expect(fitted.reduce((sum, p, i) => sum + p - labels[i]!, 0)).toBeCloseTo(0, 5);
  expect(w1!).toBeGreaterThan(2 * Math.abs(w2!));
  // Rows far beyond the source's (8 deviations are 18 here) keep their order.
  const far = stack([good, poor], labels, [Float64Array.of(20, 21), Float64Array.of(0, 0)]);
  const momentsOf = (x: Float64Array) => {
    const mean = x.reduce((a, c) => a + c, 0) / V;
    return [mean, Math.sqrt(x.reduce((a, c) => a + (c - mean) ** 2, 0) / V)] as const;
  };
  const standard = (value: number, [mean, sd]: readonly [number, number]) => (value - mean) / sd;
  for (const [i, value] of [20, 21].entries()) {
    const logOdds = w1! * standard(value, momentsOf(good)) + w2! * standard(0, momentsOf(poor)) + b!;
    expect(1 - far[i]!).toBeCloseTo(1 / (1 + Math.exp(logOdds)), 12);
  }
  expect(far[1]!).toBeGreaterThan(far[0]!);
});

/** Three equations w·x = z by elimination; rows [x₁, x₂, x₃, z]. */
function solve3(rows: number[][]): number[] {
  const m = rows.map((row) => [...row]);
  for (let k = 0; k < 3; k++)
    for (let r = 0; r < 3; r++) {
      if (r === k) continue;
      const f = m[r]![k]! / m[k]![k]!;
      for (let c = k; c < 4; c++) m[r]![c]! -= f * m[k]![c]!;
    }
  return m.map((row, k) => row[3]! / row[k]!);
}
