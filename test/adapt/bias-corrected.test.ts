/** Temperature with a bias of each class, and the prior that EM finds with it. */
import { describe, expect, test } from "vitest";
import { biasCorrected, fitBiasCorrected } from "../../src/adapt/calibration/bias-corrected.ts";
import { calibrated, fitCalibrator, targetPriorOf } from "../../src/adapt/calibration/calibrator.ts";
import { TEMPERATURES } from "../../src/adapt/calibration/temperature.ts";
import { classesAtBound, em } from "../../src/adapt/label-shift.ts";
import { Draws } from "../../src/foundation/random.ts";

/** Rows of [0, z] whose difference z is normal about ±2 with deviation 2, so that z is the log odds. */
function drawn(lenses: number, others: number, seed: number, change = (z: number) => z) {
  const draws = new Draws(seed);
  const labels = Int32Array.from({ length: lenses + others }, (_, i) => Number(i < lenses));
  const logits = Array.from(labels, (label) => [0, change(draws.normal(label === 1 ? 2 : -2, 2))]).flat();
  return { labels, logits };
}

describe("the fit", () => {
  test("by hand: of two values of the logit each gets the share of its rows", () => {
    // At z = 2 three of four are lenses, at z = −2 one of five: 2 s + b = ln 3 and −2 s + b = −ln 4.
    const z = [2, 2, 2, 2, -2, -2, -2, -2, -2];
    const fit = fitBiasCorrected(
      z.flatMap((value) => [0, value]),
      [1, 1, 1, 0, 1, 0, 0, 0, 0],
    );
    expect(fit.temperature).toBeCloseTo(4 / Math.log(12), 10);
    expect(fit.bias[0]).toBe(0);
    expect(fit.bias[1]).toBeCloseTo(Math.log(3 / 4) / 2, 10);
    expect(fit.atLimit).toBe(false);
    const p = biasCorrected(fit, [0, 2, 0, -2]);
    expect(p[1]).toBeCloseTo(3 / 4, 10);
    expect(p[3]).toBeCloseTo(1 / 5, 10);
    const loss = (4 * Math.log(4) - 3 * Math.log(3) + (5 * Math.log(5) - 4 * Math.log(4))) / 9;
    expect(fit.loss).toBeCloseTo(loss, 12);
  });

  test("of three weighted classes is where the likelihood has no slope left", () => {
    const draws = new Draws(5);
    const labels = Int32Array.from({ length: 600 }, (_, i) => [0, 0, 0, 1, 1, 2][i % 6]!);
    const weights = Float64Array.from(labels, () => draws.uniform(0.2, 3));
    const logits = Array.from(labels, (label) =>
      [0, 1, 2].map((c) => 7 + 4 * draws.normal(c === label ? 1 : 0) + 3 * c),
    ).flat();
    const p = biasCorrected(fitBiasCorrected(logits, labels, weights), logits);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let ofScale = 0;
    const ofBias = [0, 0, 0];
    labels.forEach((label, n) => {
      for (let c = 0; c < 3; c++) {
        const residual = (weights[n]! * (p[n * 3 + c]! - Number(c === label))) / total;
        ofBias[c]! += residual;
        ofScale += residual * logits[n * 3 + c]!;
      }
    });
    for (const slope of [...ofBias, ofScale]) expect(Math.abs(slope)).toBeLessThan(1e-10);
  });

  test("depends on no constant that is added to a row or to a class", () => {
    const { labels, logits } = drawn(150, 250, 3);
    const offset = new Draws(4);
    const rows = Float64Array.from(labels, () => offset.uniform(-500, 500));
    const moved = logits.map((z, i) => z + rows[i >> 1]! + (i % 2 === 1 ? 40 : 0));
    const [p, q] = [logits, moved].map((values) => biasCorrected(fitBiasCorrected(values, labels), values));
    for (let i = 0; i < p!.length; i++) expect(q![i]).toBeCloseTo(p![i]!, 9);
  });

  test("stops at a limit where the classes are separated, and finds the bias there", () => {
    const fit = fitBiasCorrected([0, 9, 0, 8, 0, 5, 0, 4], [1, 1, 0, 0]);
    expect(fit).toMatchObject({ temperature: TEMPERATURES.low, atLimit: true });
    // The boundary lies between 5 and 8.
    const boundary = -fit.bias[1]! * TEMPERATURES.low;
    expect(boundary).toBeGreaterThan(5);
    expect(boundary).toBeLessThan(8);
    expect(fitBiasCorrected([0, 4, 0, 5, 0, 8, 0, 9], [1, 1, 0, 0])).toMatchObject({
      temperature: TEMPERATURES.high,
      atLimit: true,
    });
  });

  test("refuses rows without a class, a logit that is no number, and no rows", () => {
    expect(() => fitBiasCorrected([0, 1, 0, 2], [1, 1])).toThrow(
      /rows must be of every class, got "none of class 0"/,
    );
    expect(() => fitBiasCorrected([0, Number.NaN], [1])).toThrow("logit 1 must be finite, got NaN");
    expect(() => fitBiasCorrected([], [])).toThrow("logits must be rows of two classes or more");
  });
});

describe("EM", () => {
  const rows = (lens: number, many: number) => Array.from({ length: many }, () => [1 - lens, lens]);

  test("by hand: the likelihood's maximum, and its bound", () => {
    // Odds of 4 and of ¼ under even priors: 30 / (0.4 + 1.2 π) = 70 / (1.6 − 1.2 π) at π = 1/6.
    const prior = em([...rows(0.8, 30), ...rows(0.2, 70)], [0.5, 0.5]);
    expect(prior[1]).toBeCloseTo(1 / 6, 8);
    expect(classesAtBound(prior, 100)).toEqual([]);
    // 10 / (0.4 + 1.2 π) = 90 / (1.6 − 1.2 π) has no solution above 0.
    const none = em([...rows(0.8, 10), ...rows(0.2, 90)], [0.5, 0.5]);
    expect(classesAtBound(none, 100)).toEqual([1]);
  });

  test("ends on predictions that are not finite, and refuses a source without a class", () => {
    expect(em([[Number.NaN, Number.NaN]], [0.5, 0.5]).every(Number.isNaN)).toBe(true);
    expect(() => em(rows(0.5, 3), [1, 0])).toThrow("source rows must hold every class, got none of class 1");
  });

  test("finds the prior through a network that has learned another one, which a temperature does not", () => {
    // Trained for one lens in ten, on a source that holds as many lenses as others.
    const learned = (z: number) => z + Math.log(1 / 9);
    const source = drawn(1000, 1000, 1, learned);
    const target = drawn(300, 2700, 2, learned);
    const calibrator = fitCalibrator(source.logits, source.labels);
    const lenses = (by: "bias-corrected" | "temperature") =>
      targetPriorOf(calibrator, "em", by, calibrated(calibrator, by, target.logits)).prior[1]!;
    expect(Math.abs(lenses("bias-corrected") - 0.1)).toBeLessThan(0.015);
    expect(lenses("temperature")).toBeLessThan(0.02);
  });
});
