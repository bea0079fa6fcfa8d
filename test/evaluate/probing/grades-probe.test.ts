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
  const probe = await fitGradesProbe({
    features,
    own: new Float64Array(lens.length),
    parts: [features.length / lens.length],
    lens,
  });
  const said = probabilitiesOf(probe, { features, own: new Float64Array(lens.length) });
  expect(auroc(rankScores(said, truth))).toBeGreaterThan(0.9);
  expect(said.reduce((sum, p) => sum + p, 0) / said.length).toBeCloseTo(0.25, 1);
  const held = await heldOutProbabilities(
    { features, own: new Float64Array(lens.length), parts: [features.length / lens.length], lens },
    groups,
    { folds: 5, seed: 0 },
  );
  expect(auroc(rankScores(held, truth))).toBeGreaterThan(0.9);
});

test("features that say nothing leave everything near the share of lenses", async () => {
  const features = Float64Array.from({ length: 120 * 3 }, () => draws.normal());
  const held = await heldOutProbabilities(
    { features, own: new Float64Array(lens.length), parts: [features.length / lens.length], lens },
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
    heldOutProbabilities({ features, own: new Float64Array(120), parts: [4], lens: pairs }, names, {
      folds: 10,
      seed: 0,
    });
  const of = async (names: readonly string[]) => auroc(rankScores(await by(names), Uint8Array.from(pairs)));
  const together = await of(Array.from(pairs, (_, i) => `p${place(i)}`));
  expect(await of(groups)).toBeGreaterThan(together + 0.05);
  expect(Math.abs(together - 0.5)).toBeLessThan(0.2);
});

test("few grades leave the network's order as it is, many correct it", async () => {
  const made = (rows: number) => {
    const own = Float64Array.from({ length: rows }, () => 3 * draws.normal());
    const features = Float64Array.from({ length: rows }, () => draws.normal());
    // The odds are right but where the feature is high: there, nothing is a lens.
    const lens = own.map((l, i) => Number(l > 0 && features[i]! < 0.5));
    return { own, features, lens, parts: [1] };
  };
  const test = made(400);
  const truth = Uint8Array.from(test.lens);
  const aurocAfter = async (rows: number) =>
    auroc(rankScores(probabilitiesOf(await fitGradesProbe(made(rows)), test), truth));
  const before = auroc(rankScores(test.own, truth));
  expect(await aurocAfter(8)).toBeGreaterThan(before - 0.05);
  expect(await aurocAfter(200)).toBeGreaterThan(before + 0.03);
});

test("one lens among the grades leaves the network's order much as it is", async () => {
  const own = Float64Array.from({ length: 30 }, () => 2 * draws.normal());
  const features = Float64Array.from({ length: 30 * 5 }, () => draws.normal());
  const one = own.map((_, i) => Number(i === 7)); // whatever the network says of it
  const probe = await fitGradesProbe({ own, features, parts: [5], lens: one });
  const others = Float64Array.from({ length: 200 }, () => 3 * draws.normal());
  const seen = { own: others, features: Float64Array.from({ length: 1000 }, () => draws.normal()) };
  const said = probabilitiesOf(probe, seen);
  expect(
    auroc(
      rankScores(
        said,
        Uint8Array.from(others, (l) => Number(l > 0)),
      ),
    ),
  ).toBeGreaterThan(0.7);
});
