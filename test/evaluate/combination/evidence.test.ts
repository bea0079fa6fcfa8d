import { expect, test } from "vitest";
import { chosenCalibration, evidenceAt, fitEvidence } from "../../../src/evaluate/combination/evidence.ts";
import { logOdds, sigmoid } from "../../../src/evaluate/combination/log-odds.ts";
import { onScale, scaleOf } from "../../../src/evaluate/combination/scale.ts";
import { Draws } from "../../../src/foundation/random.ts";

const N = 4000;
const half = Uint8Array.from({ length: N }, (_, i) => i % 2);
const foldOf = Uint8Array.from({ length: N }, (_, i) => Math.floor(i / 2) % 5);
/** Normal scores, 1.5 apart: their log likelihood ratio is 1.5 x − 1.125. */
const gaussian = (seed: number) => {
  const draws = new Draws(seed);
  return Float64Array.from(half, (y) => draws.normal(1.5 * y));
};

test.each(["platt", "beta", "isotonic"] as const)("%s finds the likelihood ratio of normal scores", (by) => {
  const evidence = fitEvidence(gaussian(1), half, by);
  for (const x of [-0.5, 0.75, 2])
    expect(evidenceAt(evidence, x)).toBeCloseTo(1.5 * x - 1.125, by === "isotonic" ? 0 : 0.5);
  expect(evidenceAt(evidence, Number.NaN)).toBeNaN();
});

test("evidence does not depend on how many positives were graded", () => {
  const x = gaussian(2);
  // One positive in four is kept.
  const kept = [...x.keys()].filter((i) => half[i] === 0 || i % 8 === 1);
  const few = fitEvidence(
    Float64Array.from(kept, (i) => x[i]!),
    Uint8Array.from(kept, (i) => half[i]!),
    "platt",
  );
  const all = fitEvidence(x, half, "platt");
  for (const at of [-1, 0, 2]) expect(evidenceAt(few, at)).toBeCloseTo(evidenceAt(all, at), 0.5);
});

test.each(["platt", "beta"] as const)("%s takes scores that are lower for positives to say nothing", (by) => {
  const evidence = fitEvidence(
    gaussian(3).map((x) => -x),
    half,
    by,
  );
  expect([-5, 0, 5].map((x) => evidenceAt(evidence, x))).toEqual([0, 0, 0]);
});

test("rows of one class, and rows without a score, teach nothing", () => {
  const x = Float64Array.of(0.1, 0.2, Number.NaN);
  expect(evidenceAt(fitEvidence(x, Uint8Array.of(1, 1, 0), "platt"), 3)).toBe(0);
  expect(evidenceAt(fitEvidence(x, Uint8Array.of(1, 1, 0), "isotonic"), 3)).toBe(0);
});

test("isotonic evidence is no surer than its rows: four of four give 5/6 at most", () => {
  const x = Float64Array.of(-2, -1, 1, 2);
  const evidence = fitEvidence(x, Uint8Array.of(0, 0, 1, 1), "isotonic");
  expect(evidenceAt(evidence, 9)).toBeCloseTo(logOdds(5 / 6), 12);
  expect(evidenceAt(evidence, -9)).toBeCloseTo(logOdds(1 / 6), 12);
});

test("a straight finder is calibrated by one slope, one that is flat below by two", () => {
  expect(chosenCalibration(gaussian(4), half, foldOf)).toBe("platt");
  const draws = new Draws(5);
  // A good finder whose lower half is noise, far from 0.
  const bent = gaussian(6).map((x) => (x < 0.75 ? draws.normal(-4, 2) : 3 * x));
  expect(chosenCalibration(bent, half, foldOf)).not.toBe("platt");
});

test("probabilities are taken by their log odds, other scores as they are; both with mean 0 and deviation 1", () => {
  const p = Float64Array.of(0.1, 0.5, 0.9);
  const { scale } = scaleOf(p);
  const width = Math.sqrt((2 * logOdds(0.9) ** 2) / 3);
  expect(onScale(scale, 0.9)).toBeCloseTo(logOdds(0.9) / width, 12);
  expect(sigmoid(onScale(scale, 0.7) * width)).toBeCloseTo(0.7, 12);
  const { scale: plain } = scaleOf(Float64Array.of(-3, Number.NaN, 1));
  expect([-3, 1].map((score) => onScale(plain, score))).toEqual([-1, 1]);
  expect(onScale(plain, Number.NaN)).toBeNaN();
});

test("probabilities of 0 and 1 are taken half as far from the end as the nearest other, and are counted", () => {
  const votes = Float64Array.of(0, 0.1, 0.5, 0.8, 1, 1, Number.NaN);
  const { scale, low, high } = scaleOf(votes);
  expect({ low, high }).toEqual({ low: 1, high: 2 });
  expect(scale.clip!.low).toBeCloseTo(0.05, 12);
  expect(scale.clip!.high).toBeCloseTo(0.9, 12);
  expect(onScale(scale, 0)).toBe(onScale(scale, 0.05));
  // One person's yes and no have no other to go by.
  expect(scaleOf(Float64Array.of(0, 1, 1)).scale.clip).toEqual({ low: 0.25, high: 0.75 });
  const near = scaleOf(Float64Array.of(0.5, 1 - 2 ** -53, 1)).scale;
  expect(Number.isFinite(onScale(near, 1))).toBe(true);
});
