/**
 * How many lenses are among the next 500, after a round that a probe learned? What could be said of it, in simulated searches
 * whose lenses are known.
 *
 *   node --import tsx bench/inspect/expected.ts [SEARCHES]
 *
 * A row is a lens, a look-alike or another object. A finder's log odds of each kind are normal; look-alikes are nearly as
 * high as lenses. Six features part lenses and look-alikes, which the finder has not learned. People grade the best 500, or
 * the best 300 and 300 others by chance, without errors; `fitGradesProbe` learns that, and rows are ranked by the mean of
 * finder and probe, as `arclet inspect` does. Of the first 500 rows that nobody has graded, lenses are counted, and estimated
 * as the sum of: the probe's probabilities; these under the prior of the ungraded rows by EM; the mean score's, recalibrated
 * by a logistic regression on graded rows that were held out.
 */

import { emOf } from "../../src/adapt/label-shift.ts";
import { logOdds, sigmoid } from "../../src/evaluate/combination/log-odds.ts";
import {
  fitGradesProbe,
  heldOutProbabilities,
  probabilitiesOf,
  type Taught,
} from "../../src/evaluate/probing/grades-probe.ts";
import { fitOwnOdds } from "../../src/evaluate/probing/own-odds.ts";
import { Draws } from "../../src/foundation/random.ts";
import { mean } from "../../src/foundation/statistics.ts";

const SEARCHES = Number(process.argv[2] ?? 5);
const FEATURES = 6;
const NEXT = 500;
const FOLDS = 5;

interface Setting {
  name: string;
  rows: number;
  /** Shares of lenses, and of look-alikes. */
  lenses: number;
  alike: number;
  /** The finder's log odds of a lens, and of a look-alike, less those of another object; in deviations, 1.5. */
  apart: [number, number];
  /** Graded from the top, and by chance. */
  top: number;
  random: number;
}
const easy = { rows: 10_000, alike: 0.02, apart: [4, 3.4] as [number, number] };
const hard = { rows: 10_000, alike: 0.05, apart: [2.7, 2.5] as [number, number] };
const SETTINGS: Setting[] = [
  { name: "1 % lenses, best 500", ...easy, lenses: 0.01, top: 500, random: 0 },
  { name: "1 % lenses, best 300 and 300", ...easy, lenses: 0.01, top: 300, random: 300 },
  { name: "3 % lenses, best 500", ...easy, lenses: 0.03, top: 500, random: 0 },
  { name: "3 % lenses, weak finder, best 500", ...hard, lenses: 0.03, top: 500, random: 0 },
  { name: "3 %, weak finder, best 300 and 300", ...hard, lenses: 0.03, top: 300, random: 300 },
];

/** Rows from the highest value. */
const ranked = (rows: readonly number[], value: (row: number) => number): number[] =>
  [...rows].sort((a, b) => value(b) - value(a));

async function search({ rows: count, lenses, alike, apart, top, random }: Setting, seed: number) {
  const draws = new Draws(seed);
  const kinds = Array.from({ length: count }, () => {
    const u = draws.uniform(0, 1);
    return u < lenses ? 1 : u < lenses + alike ? 2 : 0;
  });
  const own = Float64Array.from(kinds, (kind) => draws.normal(-3 + 1.5 * [0, ...apart][kind]!, 1.5));
  const features = Float64Array.from({ length: count * FEATURES }, (_, k) =>
    draws.normal([0, 0.5, -0.5][kinds[Math.floor(k / FEATURES)]!]!, 1),
  );
  const isLens = (row: number) => Number(kinds[row] === 1);
  const order = ranked([...kinds.keys()], (row) => own[row]!);
  const chance = new Map(order.slice(top).map((row) => [row, draws.uniform(0, 1)]));
  const graded = [
    ...order.slice(0, top),
    ...ranked([...chance.keys()], (row) => chance.get(row)!).slice(0, random),
  ];
  const seen = (rows: readonly number[]) => ({
    features: Float64Array.from(
      rows.flatMap((row) => [...features.subarray(row * FEATURES, (row + 1) * FEATURES)]),
    ),
    own: Float64Array.from(rows, (row) => own[row]!),
  });
  const taught: Taught = { ...seen(graded), parts: [FEATURES], lens: Float64Array.from(graded, isLens) };
  const probe = await fitGradesProbe(taught);
  const groups = graded.map(String);
  const heldOut = await heldOutProbabilities(taught, groups, { folds: FOLDS, seed: 0 });

  const known = new Set(graded);
  const left = [...kinds.keys()].filter((row) => !known.has(row));
  const probed = probabilitiesOf(probe, seen(left));
  const share = mean(graded.map(isLens));
  const [, prior] = emOf(Float64Array.from([...probed].flatMap((p) => [1 - p, p])), [1 - share, share]) as [
    number,
    number,
  ];
  const shifted = logOdds(prior) - logOdds(share);
  const scoreOf = (row: number, p: number) => (sigmoid(own[row]!) + p) / 2;
  const odds = fitOwnOdds(
    graded.map((row, k) => logOdds(scoreOf(row, heldOut[k]!))),
    taught.lens,
  );
  const next = ranked([...left.keys()], (k) => scoreOf(left[k]!, probed[k]!)).slice(0, NEXT);
  const sum = (of: (k: number) => number) => next.reduce((all, k) => all + of(k), 0);
  return {
    lenses: sum((k) => isLens(left[k]!)),
    probe: sum((k) => probed[k]!),
    em: sum((k) => sigmoid(logOdds(probed[k]!) + shifted)),
    heldOut: sum((k) => sigmoid(odds.slope * logOdds(scoreOf(left[k]!, probed[k]!)) + odds.intercept)),
  };
}

console.log("| search | lenses | probe | EM's prior | held out |\n| --- | ---: | ---: | ---: | ---: |");
for (const setting of SETTINGS) {
  const all: Awaited<ReturnType<typeof search>>[] = [];
  for (let seed = 1; seed <= SEARCHES; seed++) all.push(await search(setting, seed));
  const of = (name: keyof (typeof all)[number]) => mean(all.map((one) => one[name])).toFixed(0);
  console.log(`| ${setting.name} | ${of("lenses")} | ${of("probe")} | ${of("em")} | ${of("heldOut")} |`);
}
