/**
 * How often the 95 % intervals of `arclet estimate` hold the truth: `node --import tsx
 * bench/select/coverage.ts [SURVEYS] [WORLD] [FIRST]`. Prints the tables of docs/results/designed-sample.md.
 *
 * A survey has 100,000 rows, each a lens with a chance of 1 in 500; logits of scores are normal. Of each, 2,000 rows are
 * graded by the default design of `arclet select`: the top 500, and 1,500 from eight bins of the ranking. Each survey has its
 * own truth, and is known to the last row.
 */

import { percentiles } from "../../src/evaluate/bootstrap.ts";
import { allocate, rankEdges } from "../../src/evaluate/designed-sample/allocation.ts";
import type { Counts } from "../../src/evaluate/designed-sample/cell.ts";
import type { GraderErrors } from "../../src/evaluate/designed-sample/grader-errors.ts";
import { type GradedStratum, surveyFigures } from "../../src/evaluate/designed-sample/survey-figures.ts";
import { beta, binomial } from "../../src/evaluate/designed-sample/variates.ts";
import { Z95 } from "../../src/evaluate/distributions.ts";
import type { Estimate } from "../../src/evaluate/schema.ts";
import { Draws, keyOf } from "../../src/foundation/random.ts";

const SURVEYS = Number(process.argv[2] ?? 200);
/** The first survey: others are drawn than those that the ways were compared on. */
const FIRST = Number(process.argv[4] ?? 0);
const [ROWS, TOP, RANDOM, BINS, ONE_IN] = [100_000, 500, 1500, 8, 500];
/** Ranks down to which a threshold selects. */
const SELECTED = [700, 1500, 4000, 12_000, 40_000];
const DRAWS = 1000;

/** Logits of the lenses; those of other rows have mean -3 and standard deviation 1.5. */
const WORLDS = {
  "a good finder": { mean: 2, sigma: 2 },
  "a poor finder": { mean: 0, sigma: 1.5 },
  "a finder that misses nothing": { mean: 5, sigma: 1 },
  "graders who err": { mean: 2, sigma: 2, sensitivity: 0.9, specificity: 0.998, decoys: [200, 1000] },
} as const;
type World = {
  mean: number;
  sigma: number;
  sensitivity?: number;
  specificity?: number;
  decoys?: readonly [number, number];
};

const edges = [0, TOP, ...rankEdges(ROWS, TOP, BINS)];
const sizes = edges.slice(1).map((edge, h) => edge - edges[h]!);
const bins = sizes.slice(1);
const drawn = [TOP, ...allocate(bins, bins.map(Math.sqrt), RANDOM)];

/** Lenses by rank. */
function surveyOf({ mean, sigma }: World, draws: Draws): Uint8Array {
  const lens = Uint8Array.from({ length: ROWS }, () => Number(draws.chance(1 / ONE_IN)));
  // The rank's key and the label in one number: a logit's last bits are the label.
  const keys = Float64Array.from(lens, (one) => {
    const logit = one === 1 ? draws.normal(mean, sigma) : draws.normal(-3, 1.5);
    return 2 * Math.round(-logit * 2 ** 40) + one;
  }).sort();
  return Uint8Array.from(keys, (key) => Math.abs(key) % 2);
}

/** What graders call each row that is drawn; 2 for those that are not. */
function gradesOf(lens: Uint8Array, { sensitivity = 1, specificity = 1 }: World, draws: Draws): Uint8Array {
  const grades = new Uint8Array(ROWS).fill(2);
  for (const [h, size] of sizes.entries()) {
    let needed = drawn[h]!;
    for (let k = 0; k < size; k++) {
      if (draws.uniform() * (size - k) >= needed) continue;
      needed--;
      const row = edges[h]! + k;
      grades[row] = Number(draws.chance(lens[row] === 1 ? sensitivity : 1 - specificity));
    }
  }
  return grades;
}

function countsOf(grades: Uint8Array, from: number, to: number): Counts {
  let [graded, positives] = [0, 0];
  for (let row = from; row < to; row++) {
    if (grades[row] === 2) continue;
    graded++;
    positives += grades[row]!;
  }
  return { rows: Math.max(0, to - from), graded, positives };
}

const strataOf = (grades: Uint8Array): GradedStratum[] =>
  sizes.map((_, h) => ({
    ...countsOf(grades, edges[h]!, edges[h + 1]!),
    above: SELECTED.map((rank) => countsOf(grades, edges[h]!, Math.min(edges[h + 1]!, rank))),
  }));

function errorsOf({ sensitivity, specificity, decoys }: World, draws: Draws): GraderErrors | null {
  if (sensitivity === undefined || specificity === undefined || decoys === undefined) return null;
  const rate = (share: number, of: number) => ({ right: binomial(draws, of, share), of });
  return { sensitivity: rate(sensitivity, decoys[0]), specificity: rate(specificity, decoys[1]) };
}

/** The interval of the number of lenses by other ways. */
const others: Record<string, (strata: readonly Counts[], draws: Draws) => { low: number; high: number }> = {
  "normal, by the variance of Horvitz and Thompson's estimate": (strata) => {
    let [number, variance] = [0, 0];
    for (const { rows, graded, positives } of strata) {
      const share = positives / graded;
      number += rows * share;
      if (graded < rows) variance += (rows * (rows - graded) * share * (1 - share)) / (graded - 1);
    }
    const half = Z95 * Math.sqrt(variance);
    return { low: number - half, high: number + half };
  },
  "Jeffreys's half in every stratum": (strata, draws) => drawnEverywhere(strata, draws, 0.5, 0.5),
  "exact, one more in every stratum": (strata, draws) => ({
    low: drawnEverywhere(strata, draws, 0, 1).low,
    high: drawnEverywhere(strata, draws, 1, 0).high,
  }),
};

function drawnEverywhere(strata: readonly Counts[], draws: Draws, more: number, less: number) {
  const numbers = Float64Array.from({ length: DRAWS / 2 }, () =>
    strata.reduce((sum, { rows, graded, positives }) => {
      const share = graded === rows ? 0 : beta(draws, positives + more, graded - positives + less);
      return sum + positives + binomial(draws, rows - graded, share);
    }, 0),
  );
  return percentiles(numbers);
}

interface Tally {
  below: number;
  above: number;
  width: number;
  /** Of the values: their mean error and their mean squared error. */
  bias: number;
  square: number;
}
const tallies = new Map<string, Tally>();
type Noted = { value?: number | null; low: number | null; high: number | null };
function note(name: string, truth: number, { value, low, high }: Noted): void {
  const tally = tallies.get(name) ?? { below: 0, above: 0, width: 0, bias: 0, square: 0 };
  tallies.set(name, tally);
  const error = (value ?? truth) - truth;
  tally.bias += error / SURVEYS;
  tally.square += error ** 2 / SURVEYS;
  tally.width += (high! - low!) / SURVEYS;
  // Sums of shares are exact to the last bits alone.
  if (truth < low! - 1e-9) tally.below++;
  if (truth > high! + 1e-9) tally.above++;
}

function row(name: string): string {
  const { below, above, width, bias, square } = tallies.get(name)!;
  const held = (100 * (1 - (below + above) / SURVEYS)).toFixed(1);
  const text = (value: number) => (width < 2 ? value.toFixed(width < 0.1 ? 4 : 3) : value.toFixed(0));
  return `${held} % | ${below}, ${above} | ${text(width)} | ${text(bias)}, ${text(Math.sqrt(square))}`;
}

console.log(`rows of the strata ${sizes.join(" ")}, drawn ${drawn.join(" ")}`);
for (const [w, [name, world]] of (Object.entries(WORLDS) as [string, World][]).entries()) {
  if (!name.includes(process.argv[3] ?? "")) continue;
  tallies.clear();
  for (let survey = 0; survey < SURVEYS; survey++) {
    const draws = new Draws(keyOf(w, FIRST + survey));
    const lens = surveyOf(world, draws);
    const strata = strataOf(gradesOf(lens, world, draws));
    const errors = errorsOf(world, draws);
    const { number, thresholds } = surveyFigures(strata, { seed: survey, draws: DRAWS, errors });
    const lenses = countsOf(lens, 0, ROWS).positives;
    note("number", lenses, number);
    for (const [t, rank] of SELECTED.entries()) {
      const found = countsOf(lens, 0, rank).positives;
      const at = thresholds[t]!;
      note(`purity ${rank}`, found / rank, at.purity as Estimate);
      note(`completeness ${rank}`, found / lenses, at.completeness as Estimate);
    }
    if (w === 0) for (const [way, of] of Object.entries(others)) note(way, lenses, of(strata, draws));
  }
  console.log(
    `\n### ${name}\n\n| figure | held | truth below, above | mean width | value's mean error, rms |\n| --- | --- | --- | --- | --- |`,
  );
  console.log(`| number of lenses | ${row("number")} |`);
  for (const figure of ["purity", "completeness"])
    for (const rank of SELECTED)
      console.log(`| ${figure} of the top ${rank} | ${row(`${figure} ${rank}`)} |`);
  if (w === 0) {
    console.log(
      "\n| the number of lenses, by other ways | held | truth below, above | mean width | – |\n| --- | --- | --- | --- | --- |",
    );
    for (const way of Object.keys(others)) console.log(`| ${way} | ${row(way)} |`);
  }
}
