import { expect, test } from "vitest";
import { estimatePriorOf, fitCalibration } from "../../src/adapt/prevalence.ts";
import { Draws } from "../../src/foundation/random.ts";
import { slow } from "../slow.ts";

slow("intervals by resampling");

/** Logits of two classes whose difference is normal about ±1, scaled as an overconfident network would. */
function drawn(lenses: number, others: number, seed: number, scale = 3) {
  const draws = new Draws(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - draws.uniform())) * Math.cos(2 * Math.PI * draws.uniform());
  const labels = [...Array(lenses).fill(1), ...Array(others).fill(0)] as number[];
  const logits = labels.map((label) => [0, scale * (2 * ((label === 1 ? 1 : -1) + normal()))]);
  return { labels, logits };
}

test("calibration takes out what an overconfident network's logits are multiplied by", () => {
  const { labels, logits } = drawn(2000, 2000, 1);
  const p = fitCalibration(logits, labels);
  // Unit normals about ±1: the log odds are 2 x, and the logit here is 3 · 2 x.
  const odds = (z: number) => Math.log(p([0, z])[1]! / p([0, z])[0]!);
  expect(odds(6) / 2).toBeCloseTo(1, 1);
  expect(odds(6) - odds(0)).toBeCloseTo(2, 0);
});

test.each(["bbse", "em"] as const)(
  "%s finds a rare class's part, and its interval holds the truth",
  async (by) => {
    const source = drawn(1000, 1000, 2);
    const target = drawn(60, 1940, 3);
    const calibrated = fitCalibration(source.logits, source.labels);
    const { prior, low, high, atBound } = await estimatePriorOf(
      by,
      source.logits.map(calibrated),
      source.labels,
      target.logits.map(calibrated),
    );
    expect(prior[0]! + prior[1]!).toBeCloseTo(1, 9);
    expect(atBound).toEqual([]);
    expect(Math.abs(prior[1]! - 0.03)).toBeLessThan(0.02);
    expect(low[1]).toBeLessThanOrEqual(0.03);
    expect(high[1]).toBeGreaterThanOrEqual(0.03);
    expect(high[1]! - low[1]!).toBeLessThan(0.08);
  },
);
