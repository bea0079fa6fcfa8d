/**
 * Which rule combines finders best, by simulation: `node --import tsx bench/combine/rules.ts [EXPERIMENTS]`. Writes
 * docs/results/combine.csv and prints the tables of combine.md.
 *
 * Finders' scores are normal given the class, with the correlation that a cell names; lenses are DISTANCE deviations higher.
 * Each is then bent as real scores are: a probability that is too sure. Fitted on graded rows, two in five of them lenses,
 * judged on 4,000 others that all rules share.
 */
import { writeFileSync } from "node:fs";
import type { FinderCalibration } from "../../src/evaluate/combination/evidence.ts";
import { evidenceOf, fitCombination, RULES, type Rule } from "../../src/evaluate/combination/fit.ts";
import { correlationsOf } from "../../src/evaluate/combination/imputation.ts";
import { crossEntropy, logOdds } from "../../src/evaluate/combination/log-odds.ts";
import { onScale, scaleOf } from "../../src/evaluate/combination/scale.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { auroc } from "../../src/evaluate/ranking.ts";
import { Draws } from "../../src/foundation/random.ts";
import { deviation, mean } from "../../src/foundation/statistics.ts";

const EXPERIMENTS = Number(process.argv[2] ?? 16);
const GRADED = [60, 150, 500];
const TESTED = 4000;
const SHARE = 0.4;

interface Finders {
  name: string;
  /** How far lenses are above others, in deviations. */
  distances: readonly number[];
  /** Between any two, given the class. */
  correlation: number;
  /** Share of scores that are missing. */
  missing?: number;
  /** The first finder tells nothing below its middle, as volunteers who leave what they don't see where it is. */
  flat?: boolean;
}

const CELLS: readonly Finders[] = [
  { name: "2 alike, correlation 0.3", distances: [1.2, 1.2], correlation: 0.3 },
  { name: "2, good and weak, 0.3", distances: [1.6, 0.6], correlation: 0.3 },
  { name: "3 alike, 0.6", distances: [1.2, 1.2, 1.2], correlation: 0.6 },
  { name: "3, one is noise, 0.0", distances: [1.4, 1.0, 0], correlation: 0 },
  { name: "5 alike, 0.8", distances: [1.2, 1.2, 1.2, 1.2, 1.2], correlation: 0.8 },
  { name: "5 unequal, 0.5", distances: [1.6, 1.2, 0.9, 0.6, 0.3], correlation: 0.5 },
  { name: "3 unequal, 0.5, 30 % missing", distances: [1.5, 1.1, 0.8], correlation: 0.5, missing: 0.3 },
  { name: "2, one flat below its middle, 0.1", distances: [1.6, 0.8], correlation: 0.1, flat: true },
];

function drawn({ distances, correlation, missing = 0, flat = false }: Finders, count: number, draws: Draws) {
  const positives = Uint8Array.from({ length: count }, (_, i) => Number(i < count * SHARE));
  const shared = Float64Array.from({ length: count }, () => draws.normal());
  const x = distances.map((distance, k) =>
    Float64Array.from({ length: count }, (_, i) => {
      const noise = Math.sqrt(correlation) * shared[i]! + Math.sqrt(1 - correlation) * draws.normal();
      // Too sure by a factor of two, and off by one: as networks are.
      const own = distance * (distance * positives[i]! + noise - distance / 2);
      const z = (flat && k === 0 && own < 0 ? draws.normal(-1, 0.5) : 2 * own) + 1;
      const score = 1 / (1 + Math.exp(-(distance === 0 ? noise : z)));
      const lost = draws.uniform() < missing;
      // Every row keeps its first score, if no other.
      return lost && !(k === 0 && i % 3 === 0) ? Number.NaN : score;
    }),
  );
  return { positives, x };
}

interface Measured {
  auroc: number[];
  loss: number[];
}

const rows: string[] = [];
const table: string[] = [];
const names: readonly (Rule | "best finder")[] = ["best finder", ...RULES];
const totals = new Map<string, number[]>();
const calibration = (process.argv[3] ?? "auto") as FinderCalibration | "auto";

for (const cell of CELLS)
  for (const graded of GRADED) {
    const measured = new Map<string, Measured>(names.map((name) => [name, { auroc: [], loss: [] }]));
    for (let e = 0; e < EXPERIMENTS; e++) {
      const draws = new Draws(1, CELLS.indexOf(cell), graded, e);
      const [fitted, tested] = [graded, TESTED].map((count) => drawn(cell, count, draws)) as [
        ReturnType<typeof drawn>,
        ReturnType<typeof drawn>,
      ];
      // Scales and correlations are of all rows, as `combine` has them.
      const scales = fitted.x.map((column, k) => scaleOf(Float64Array.of(...column, ...tested.x[k]!)).scale);
      const onScales = (x: Float64Array[]) =>
        x.map((column, k) => column.map((score) => onScale(scales[k]!, score)));
      const [x, others] = [onScales(fitted.x), onScales(tested.x)];
      const correlations = correlationsOf(others.map((column, k) => Float64Array.of(...column, ...x[k]!)));
      const groups = Uint32Array.from(fitted.positives, (_, i) => i);
      const areas = (z: Float64Array) => auroc(rankScores(z, tested.positives));
      const losses = (z: Float64Array) =>
        mean(Array.from(z, (value, i) => crossEntropy(value, tested.positives[i]!)));
      for (const rule of RULES) {
        const fit = fitCombination(
          { x, positives: fitted.positives, groups, correlations },
          { rule, calibration, folds: 5, seed: e },
        );
        const said = evidenceOf(fit, others, correlations);
        const prior = logOdds(fit.share);
        const z = said.combined.map((value) => prior + value);
        measured.get(rule)!.auroc.push(areas(z));
        measured.get(rule)!.loss.push(losses(z));
        if (rule !== "mean") continue;
        const single = said.finders.map((column) =>
          column.map((value) => prior + (Number.isNaN(value) ? 0 : value)),
        );
        measured.get("best finder")!.auroc.push(Math.max(...single.map(areas)));
        measured.get("best finder")!.loss.push(Math.min(...single.map(losses)));
      }
    }
    const best = measured.get("best finder")!;
    const gains = names.map((name) => {
      const { auroc: areas, loss } = measured.get(name)!;
      const gain = areas.map((value, e) => value - best.auroc[e]!);
      const fall = loss.map((value, e) => best.loss[e]! - value);
      const error = deviation(gain) / Math.sqrt(EXPERIMENTS);
      rows.push(
        [`"${cell.name}"`, graded, name, mean(areas), mean(gain), error, mean(loss), mean(fall)]
          .map((value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value))
          .join(),
      );
      totals.set(`${name} ${graded}`, [...(totals.get(`${name} ${graded}`) ?? []), mean(gain), mean(fall)]);
      return `${(mean(gain) * 1000).toFixed(1)} / ${(mean(fall) * 1000).toFixed(1)}`;
    });
    table.push(
      `| ${cell.name} | ${graded} | ${mean(best.auroc).toFixed(3)} / ${mean(best.loss).toFixed(3)} | ${gains.slice(1).join(" | ")} |`,
    );
  }

if (calibration === "auto")
  writeFileSync(
    new URL("../../docs/results/combine.csv", import.meta.url),
    `finders,graded,rule,auroc,gain,gain_error,log_loss,log_loss_fall\n${rows.join("\n")}\n`,
  );
console.log(`| finders | graded | best finder: AUROC / log-loss | ${RULES.join(" | ")} |`);
console.log(table.join("\n"));
for (const graded of GRADED)
  console.log(
    `| mean | ${graded} | | ${RULES.map((rule) => {
      const of = totals.get(`${rule} ${graded}`)!;
      const part = (odd: number) => mean(of.filter((_, i) => i % 2 === odd)) * 1000;
      return `${part(0).toFixed(1)} / ${part(1).toFixed(1)}`;
    }).join(" | ")} |`,
  );
