/** A probe of grades: probabilities, and rows held out that no row of their group taught. */
import { expect, test } from "vitest";
import {
  fitGradesProbe,
  heldOutProbabilities,
  probabilitiesOf,
} from "../../../src/evaluate/probing/grades-probe.ts";
import { rankScores } from "../../../src/evaluate/ranked.ts";
import { auroc } from "../../../src/evaluate/ranking.ts";
import { Draws } from "../../../src/foundation/random.ts";

const draws = new Draws(11);
const lens = Float64Array.from({ length: 120 }, (_, i) => Number(i % 4 === 0));
const truth = Uint8Array.from(lens);
const groups = Array.from(lens, (_, i) => `g${i}`);

test("probabilities are those of the graded rows: their mean is the share of lenses, their order the truth's", async () => {
  const features = Float64Array.from(lens, (one) => draws.normal(3 * one));
  const probe = await fitGradesProbe({ features, parts: [features.length / lens.length], lens });
  const said = probabilitiesOf(probe, features);
  expect(auroc(rankScores(said, truth))).toBeGreaterThan(0.9);
  expect(said.reduce((sum, p) => sum + p, 0) / said.length).toBeCloseTo(0.25, 1);
  const held = await heldOutProbabilities(
    { features, parts: [features.length / lens.length], lens },
    groups,
    { folds: 5, seed: 0 },
  );
  expect(auroc(rankScores(held, truth))).toBeGreaterThan(0.9);
});

test("features that say nothing leave everything near the share of lenses", async () => {
  const features = Float64Array.from({ length: 120 * 3 }, () => draws.normal());
  const held = await heldOutProbabilities(
    { features, parts: [features.length / lens.length], lens },
    groups,
    { folds: 5, seed: 0 },
  );
  expect(Math.max(...held)).toBeLessThan(0.6);
  expect(Math.abs(auroc(rankScores(held, truth)) - 0.5)).toBeLessThan(0.15);
});

test("what only tells groups apart is not learned of a group that is held out", async () => {
  // Pairs of the same place: the same features, whose class is a coin's.
  const place = (i: number) => Math.floor(i / 2);
  const coin = Array.from({ length: 60 }, () => Number(draws.uniform() < 0.5));
  const at = Array.from({ length: 60 }, () => Array.from({ length: 4 }, () => draws.normal()));
  const pairs = Float64Array.from({ length: 120 }, (_, i) => coin[place(i)]!);
  const features = Float64Array.from(Array.from(pairs, (_, i) => at[place(i)]!).flat());
  const by = (names: readonly string[]) =>
    heldOutProbabilities({ features, parts: [4], lens: pairs }, names, { folds: 10, seed: 0 });
  const of = async (names: readonly string[]) => auroc(rankScores(await by(names), Uint8Array.from(pairs)));
  const together = await of(Array.from(pairs, (_, i) => `p${place(i)}`));
  expect(await of(groups)).toBeGreaterThan(together + 0.05);
  expect(Math.abs(together - 0.5)).toBeLessThan(0.2);
});
