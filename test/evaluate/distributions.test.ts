import { describe, expect, test } from "vitest";
import { betaQuantile, studentCritical, studentPValue, Z95 } from "../../src/evaluate/distributions.ts";

describe("Student's t", () => {
  // Printed tables (Abramowitz & Stegun 1964, table 26.10) and, for 1 and 2 degrees, closed forms.
  test.each([
    [1, 12.7062047],
    [2, 4.3026527],
    [3, 3.1824463],
    [10, 2.2281389],
    [30, 2.0422725],
    [120, 1.9799304],
    [Number.POSITIVE_INFINITY, 1.959963985],
  ])("of %d degrees has its 97.5 %% point at %d", (degrees, point) => {
    expect(studentCritical(0.05, degrees)).toBeCloseTo(point, 6);
    expect(studentPValue(point, degrees)).toBeCloseTo(0.05, 8);
  });

  test("is Cauchy's at one degree, and t / √(2 + t²) at two", () => {
    for (const t of [0.1, 1, 5, 40]) {
      expect(studentPValue(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
      expect(studentPValue(-t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
    }
  });

  test("is the normal distribution's at infinity, near zero and far out", () => {
    expect(studentPValue(0, Number.POSITIVE_INFINITY)).toBe(1);
    expect(studentPValue(1, Number.POSITIVE_INFINITY)).toBeCloseTo(0.3173105078629141, 13);
    expect(studentPValue(5, Number.POSITIVE_INFINITY) / 5.733031437583878e-7).toBeCloseTo(1, 10);
    for (const degrees of [1e6, 9.9e6, 1e7, 1e12, 1e300])
      expect(studentCritical(0.05, degrees)).toBeCloseTo(studentCritical(0.05, Number.POSITIVE_INFINITY), 5);
  });
});

test("the normal's 97.5 % point is Student's at infinity", () => {
  expect(studentCritical(0.05, Number.POSITIVE_INFINITY)).toBeCloseTo(Z95, 12);
});

test("quantiles of Beta by closed forms", () => {
  expect(betaQuantile(0.3, 1, 1)).toBeCloseTo(0.3, 12);
  expect(betaQuantile(0.25, 2, 1)).toBeCloseTo(0.5, 12); // x²
  expect(betaQuantile(0.19, 1, 2)).toBeCloseTo(0.1, 12); // 1 − (1 − x)²
});
