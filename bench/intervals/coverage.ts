/**
 * How often the 95 % intervals of `arclet evaluate` hold the true value, by simulation: `node --import tsx
 * bench/intervals/coverage.ts [EXPERIMENTS]`. Writes docs/results/intervals.csv and prints the tables of intervals.md.
 *
 * Scores of negatives and positives: normal of equal width (binormal), of twice and of half the width (wide, narrow);
 * exponential with the long tail among the positives or, mirrored, among the negatives; and positives of which a share 1 − A
 * looks like a negative (mixture). Negatives are as many as positives, or 500.
 */
import { writeFileSync } from "node:fs";
import { componentsOf, less, overSeeds } from "../../src/evaluate/comparison/over-seeds.ts";
import { studentPValue, Z95 } from "../../src/evaluate/distributions.ts";
import { delong, wilson } from "../../src/evaluate/intervals.ts";
import { averagePrecisionInterval } from "../../src/evaluate/precision-interval.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { averagePrecision } from "../../src/evaluate/ranking.ts";
import { Draws } from "../../src/foundation/random.ts";
import { median, quantile } from "../../src/foundation/statistics.ts";

const EXPERIMENTS = Number(process.argv[2] ?? 1000);
const POSITIVES = [5, 10, 20, 50, 200];
const AREAS = [0.6, 0.8, 0.9, 0.97, 0.99, 0.999];

const tail = (z: number): number => (z < 0 ? 1 - tail(-z) : studentPValue(z, Number.POSITIVE_INFINITY) / 2);
/** The z with Φ(z) = p. */
function probit(p: number): number {
  let [low, high] = [-9, 9];
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (1 - tail(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

interface Drawn {
  positive: () => number;
  negative: () => number;
}

const exponential = (draws: Draws, rate: number) => -Math.log(1 - draws.uniform()) / rate;

/** Samplers of an area A. */
const distributions: Readonly<Record<string, (area: number, draws: Draws) => Drawn>> = {
  binormal: (area, draws) => normal(area, 1, draws),
  wide: (area, draws) => normal(area, 2, draws),
  narrow: (area, draws) => normal(area, 0.5, draws),
  exponential: (area, draws) => ({
    positive: () => exponential(draws, 1),
    negative: () => exponential(draws, area / (1 - area)),
  }),
  mirrored: (area, draws) => ({
    positive: () => -exponential(draws, area / (1 - area)),
    negative: () => -exponential(draws, 1),
  }),
  mixture: (area, draws) => {
    const lost = 1 - area;
    const d = probit((area - lost / 2) / (1 - lost)) * Math.SQRT2;
    return { positive: () => draws.normal(draws.uniform() < lost ? 0 : d), negative: () => draws.normal() };
  },
};

function normal(area: number, deviation: number, draws: Draws): Drawn {
  const d = probit(area) * Math.hypot(1, deviation);
  return { positive: () => draws.normal(d, deviation), negative: () => draws.normal() };
}

const holds = ({ low, high }: { low: number; high: number }, truth: number) => low <= truth && truth <= high;

/** DeLong's variance on the logit scale, and Wilson's interval where it is 0: what Arclet had before. */
function plain({ auroc, variance }: { auroc: number; variance: number }, rarer: number) {
  if (auroc === 0 || auroc === 1) return wilson(auroc * rarer, rarer);
  const [logit, half] = [Math.log(auroc / (1 - auroc)), (Z95 * Math.sqrt(variance)) / (auroc * (1 - auroc))];
  return { low: 1 / (1 + Math.exp(half - logit)), high: 1 / (1 + Math.exp(-half - logit)) };
}

interface Cell {
  kind: string;
  distribution: string;
  positives: number;
  negatives: number;
  auroc: number;
  truth: number;
  covered: number;
  plain: number;
}

const labelsOf = (P: number, N: number) => Uint8Array.from({ length: P + N }, (_, i) => Number(i < P));
const scoresOf = (labels: Uint8Array, { positive, negative }: Drawn) =>
  Float64Array.from(labels, (y) => (y === 1 ? positive() : negative()));

/** Average precision of a large sample, its classes weighted as P to N. */
function trueAveragePrecision(drawn: Drawn, P: number, N: number): number {
  const labels = labelsOf(20_000, 40_000);
  const ranked = rankScores(scoresOf(labels, drawn), labels);
  const weight = ((N / P) * 20_000) / 40_000;
  return averagePrecision({ ...ranked, negative: ranked.negative.map((n) => n * weight) });
}

const cells: Cell[] = [];
for (const [distribution, make] of Object.entries(distributions))
  for (const P of POSITIVES)
    for (const N of [P, 500])
      for (const area of AREAS) {
        const drawn = make(area, new Draws(P * 1000 + N + area * 7));
        const labels = labelsOf(P, N);
        const ap = trueAveragePrecision(drawn, P, N);
        let [own, usual, ofPrecision] = [0, 0, 0];
        for (let e = 0; e < EXPERIMENTS; e++) {
          const ranked = rankScores(scoresOf(labels, drawn), labels);
          const made = delong(ranked);
          own += Number(holds(made, area));
          usual += Number(holds(plain(made, Math.min(P, N)), area));
          ofPrecision += Number(holds(averagePrecisionInterval(ranked), ap));
        }
        const about = { distribution, positives: P, negatives: N, auroc: area };
        cells.push({ kind: "auroc", ...about, truth: area, covered: own, plain: usual });
        cells.push({
          kind: "average precision",
          ...about,
          truth: ap,
          covered: ofPrecision,
          plain: Number.NaN,
        });
      }

// Gains: two finders whose normal scores have a correlation of 0.5 or 0.9.
for (const correlation of [0.5, 0.9])
  for (const P of POSITIVES)
    for (const N of [P, 500])
      for (const [first, second] of [
        [0.9, 0.8],
        [0.9, 0.9],
        [0.97, 0.9],
        [0.99, 0.97],
        [0.999, 0.99],
      ] as const) {
        const draws = new Draws(P * 100 + N + correlation * 31 + first);
        const labels = labelsOf(P, N);
        const [d1, d2] = [first, second].map((area) => probit(area) * Math.SQRT2) as [number, number];
        let [covered, usual] = [0, 0];
        for (let e = 0; e < EXPERIMENTS / 2; e++) {
          const shared = Float64Array.from(labels, () => Math.sqrt(correlation) * draws.normal());
          const finder = (d: number) =>
            componentsOf(
              shared.map((x, i) => x + Math.sqrt(1 - correlation) * draws.normal() + d * labels[i]!),
              labels,
            );
          const made = overSeeds([less(finder(d1), finder(d2))], labels);
          covered += 2 * Number(holds(made, first - second));
          const half = Z95 * made.standardError;
          usual += 2 * Number(holds({ low: made.mean - half, high: made.mean + half }, first - second));
        }
        cells.push({
          ...{ kind: "gain", distribution: `correlation ${correlation}`, positives: P, negatives: N },
          ...{ auroc: first, truth: first - second, covered, plain: usual },
        });
      }

const share = (count: number) => (count / EXPERIMENTS).toFixed(3);
writeFileSync(
  new URL("../../docs/results/intervals.csv", import.meta.url),
  [
    "interval,scores,positives,negatives,auroc,truth,coverage,coverage_delong",
    ...cells.map(({ kind, distribution, positives, negatives, auroc, truth, covered, plain }) =>
      [kind, distribution, positives, negatives, auroc, Number(truth.toPrecision(4)), share(covered)]
        .concat(Number.isNaN(plain) ? "" : share(plain))
        .join(),
    ),
    "",
  ].join("\n"),
);
const text = (values: number[]) => {
  const sorted = Float64Array.from(values, (value) => value / EXPERIMENTS).sort();
  return `${median([...sorted]).toFixed(3)} (${quantile(sorted, 0.05).toFixed(3)}, ${sorted[0]!.toFixed(3)})`;
};
for (const kind of ["auroc", "average precision", "gain"]) {
  console.log(`\n${kind}: median (5th percentile, least) of the cells\n`);
  const own = cells.filter((cell) => cell.kind === kind);
  const line = (name: string, some: Cell[]) =>
    console.log(
      `| ${name} | ${text(some.map(({ covered }) => covered))} | ${kind === "average precision" ? "" : text(some.map(({ plain }) => plain))} |`,
    );
  for (const P of POSITIVES)
    line(
      `${P} positives`,
      own.filter(({ positives }) => positives === P),
    );
  for (const area of [...new Set(own.map(({ auroc }) => auroc))])
    line(
      `AUROC ${area}`,
      own.filter(({ auroc }) => auroc === area),
    );
  for (const name of new Set(own.map(({ distribution }) => distribution)))
    line(
      name,
      own.filter(({ distribution }) => distribution === name),
    );
  line("all", own);
  const within = own.filter(({ covered }) => covered / EXPERIMENTS >= 0.93).length;
  console.log(`at or above 0.93: ${within} of ${own.length}`);
}
