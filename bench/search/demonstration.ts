/**
 * Designed samples of a survey that is known, graded by simulated graders: how often the 95 % intervals of `arclet estimate`
 * hold the truth; and the completeness of injected lenses beside that of the survey's own. What bench/search/run.sh runs:
 *
 *     node --import tsx bench/search/demonstration.ts FOLDER TOP RANDOM REPEATS FIRST
 *
 * FOLDER has datasets `survey` and `injected`, and their scores. Each repeat draws another sample and other grades, and goes
 * through the files that select, graders and estimate would exchange, in FOLDER/repeats. Figures of finished repeats are kept.
 * Prints Markdown tables, and writes FOLDER/demonstration-FIRST.json.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetSource, queried, withDuckDB } from "../../src/catalog/duck.ts";
import { writeDesign } from "../../src/evaluate/designed-sample/design.ts";
import { drawSample } from "../../src/evaluate/designed-sample/drawing.ts";
import { gradedStrata } from "../../src/evaluate/designed-sample/graded-strata.ts";
import { errorsOnDecoys } from "../../src/evaluate/designed-sample/grader-errors.ts";
import { sampleConfig } from "../../src/evaluate/designed-sample/sample-config.ts";
import { readSample, writeSample } from "../../src/evaluate/designed-sample/sample-file.ts";
import { type SurveyFigures, surveyFigures } from "../../src/evaluate/designed-sample/survey-figures.ts";
import { wilson } from "../../src/evaluate/intervals.ts";
import type { Estimate } from "../../src/evaluate/schema.ts";
import { readJson, writeFileWhole } from "../../src/foundation/files.ts";
import { progress, showProgress } from "../../src/foundation/progress.ts";
import { Draws, keyOf } from "../../src/foundation/random.ts";
import { provenance } from "../../src/torch/provenance.ts";

const [folder, top, random, repeats, first] = [
  process.argv[2]!,
  ...process.argv.slice(3).map(Number),
] as unknown as [string, number, number, number, number];

/** Graders call this share of the lenses lenses, and this share of the rest not. */
const [SENSITIVITY, SPECIFICITY] = [0.9, 0.998];
/** Known objects among the sample, by which their errors are measured. */
const DECOYS = { lens: 200, "not-lens": 1000 };
/** Shares of the ranking that thresholds select. */
const SELECTED = [0.007, 0.015, 0.04, 0.12, 0.4];
/** Edges of the bins of Einstein radius (arcsec) and arc signal-to-noise, near the quartiles of a recipe's lenses. */
const BINS = {
  theta_e: [0, 1.1, 1.7, 2.4, Number.POSITIVE_INFINITY],
  arc_snr: [0, 100, 200, 300, Number.POSITIVE_INFINITY],
};
type Column = keyof typeof BINS;

interface Row extends Record<Column, number> {
  id: string;
  score: number;
  lens: boolean;
}

/** A dataset's rows by score. */
async function rowsOf(name: string): Promise<Row[]> {
  const table = parquetSource(join(folder, name, "table.parquet"));
  const scores = `read_csv('${join(folder, `${name}.csv`)}')`;
  const found = await withDuckDB(":memory:", name, (connection) =>
    queried(
      connection,
      `SELECT id, score, label = 'lens', theta_e, arc_snr FROM ${table} JOIN (SELECT id, score FROM ${scores}) USING (id)
       ORDER BY score DESC, id`,
    ),
  );
  return found.map(([id, score, lens, theta_e, arc_snr]) => ({
    ...{ id: String(id), score: Number(score), lens: lens === true },
    ...{ theta_e: Number(theta_e), arc_snr: Number(arc_snr) },
  }));
}

const decoys = join(folder, "decoys.csv");
const decoyRows = Object.entries(DECOYS).flatMap(([label, count]) =>
  Array.from({ length: count }, (_, k) => `decoy-${label}-${k},${label}`),
);
const SURVEY = join(folder, "survey.csv");

/** A sample drawn, graded and estimated, through the files of each step. */
async function repeated(
  seed: number,
  isLens: ReadonlyMap<string, boolean>,
  tops: number[],
): Promise<SurveyFigures> {
  const at = join(folder, "repeats", String(seed));
  const kept = join(at, "figures.json");
  if (existsSync(kept)) return readJson(kept) as SurveyFigures;
  const sample = join(at, "sample.csv");
  const decoyRate = decoyRows.length / (decoyRows.length + top + random);
  const config = sampleConfig.parse({ scores: SURVEY, out: sample, top, random, decoys, decoyRate, seed });
  const { design, rows, positions } = await drawSample(SURVEY, config);
  // A folder for the files.
  writeFileWhole(join(at, "seed"), `${seed}\n`);
  await writeSample(sample, rows, positions);
  writeDesign(sample, { ...design, provenance: provenance("demonstration") });
  const draws = new Draws(keyOf(seed, GRADERS));
  const grades = rows.map(({ id, decoy }) => {
    const lens = decoy === null ? isLens.get(id)! : decoy === "lens";
    return `${id},${draws.chance(lens ? SENSITIVITY : 1 - SPECIFICITY) ? 3 : 0}\n`;
  });
  writeFileWhole(join(at, "grades.csv"), `id,grade\n${grades.join("")}`);
  const graded = await gradedStrata(
    SURVEY,
    await readSample(sample),
    { path: join(at, "grades.csv"), positives: "grade >= 2" },
    { scores: null, tops },
  );
  const errors = errorsOnDecoys(sample, graded.decoys);
  const figures = surveyFigures(graded.strata, { seed, errors });
  writeFileWhole(kept, JSON.stringify(figures));
  return figures;
}
const GRADERS = 1;

const survey = await rowsOf("survey");
const injected = await rowsOf("injected");
const lenses = survey.filter(({ lens }) => lens);
const tops = SELECTED.map((share) => Math.round(share * survey.length));
writeFileSync(decoys, `id,label\n${decoyRows.join("\n")}\n`);
const isLens = new Map(survey.map(({ id, lens }) => [id, lens]));
showProgress();
const bar = progress("repeats", repeats, "samples");
const all: SurveyFigures[] = [];
for (let k = 0; k < repeats; k++) {
  all.push(await repeated(first + k, isLens, tops));
  bar.tick(1);
}
bar.done();

/** How often the intervals hold a truth, on which side the others miss it, and how wide they are. */
function coverage(name: string, truth: number, of: (figures: SurveyFigures) => Estimate) {
  const intervals = all.map(of) as { value: number; low: number; high: number }[];
  const below = intervals.filter(({ low }) => truth < low - 1e-9).length;
  const above = intervals.filter(({ high }) => truth > high + 1e-9).length;
  const mean = (value: (one: (typeof intervals)[number]) => number) =>
    intervals.reduce((sum, one) => sum + value(one), 0) / repeats;
  const held = 1 - (below + above) / repeats;
  return {
    name,
    truth,
    held,
    below,
    above,
    width: mean((one) => one.high - one.low),
    mean: mean((one) => one.value),
  };
}
const found = (rank: number) => survey.slice(0, rank).filter(({ lens }) => lens).length;
const covered = [
  coverage("number of lenses", lenses.length, ({ number }) => number),
  ...tops.map((rank, t) =>
    coverage(`purity of the top ${rank}`, found(rank) / rank, (at) => at.thresholds[t]!.purity),
  ),
  ...tops.map((rank, t) =>
    coverage(
      `completeness of the top ${rank}`,
      found(rank) / lenses.length,
      (at) => at.thresholds[t]!.completeness,
    ),
  ),
];

/** The share of lenses at or above a score, with Wilson's interval. */
function completeness(rows: readonly Row[], threshold: number) {
  const selected = rows.filter(({ score }) => score >= threshold).length;
  return { lenses: rows.length, selected, value: selected / rows.length, ...wilson(selected, rows.length) };
}

/** Of two independent shares: the difference with Newcombe's (1998, Stat. Med. 17, 873, method 10) 95 % interval. */
function difference(a: ReturnType<typeof completeness>, b: ReturnType<typeof completeness>) {
  const value = a.value - b.value;
  const low = value - Math.hypot(a.value - a.low, b.high - b.value);
  const high = value + Math.hypot(a.high - a.value, b.value - b.low);
  return { value, low, high };
}

/** Injected and true completeness at each threshold: of all lenses, and by bins. */
const compared = tops.flatMap((rank) => {
  const threshold = survey[rank - 1]!.score;
  const bins = (Object.keys(BINS) as Column[]).flatMap((column) =>
    BINS[column].slice(1).map((high, b) => ({ column, low: BINS[column][b]!, high })),
  );
  const within = (rows: readonly Row[], { column, low, high }: (typeof bins)[number]) =>
    rows.filter((row) => row[column] >= low && row[column] < high);
  return [null, ...bins].flatMap((bin) => {
    const [own, others] = [lenses, injected].map((rows) => (bin === null ? rows : within(rows, bin)));
    if (own!.length === 0 || others!.length === 0) return [];
    const [truth, estimate] = [completeness(own!, threshold), completeness(others!, threshold)];
    return [{ rank, bin, truth, injected: estimate, difference: difference(estimate, truth) }];
  });
});

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const share = (value: number) => value.toFixed(value < 0.1 ? 4 : 3);
const spanned = ({ value, low, high }: { value: number; low: number; high: number }) =>
  `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
console.log("\n| figure | truth | mean estimate | held | truth below, above | mean width |");
console.log("| --- | ---: | ---: | ---: | --- | ---: |");
for (const { name, truth, mean, held, below, above, width } of covered) {
  const text = (value: number) => (truth >= 1 ? value.toFixed(0) : share(value));
  console.log(
    `| ${[name, text(truth), text(mean), percent(held), `${below}, ${above}`, text(width)].join(" | ")} |`,
  );
}
console.log("\n| selected | lenses | survey's own | completeness | injected | completeness | difference |");
console.log("| ---: | --- | ---: | ---: | ---: | ---: | ---: |");
for (const { rank, bin, truth, injected: other, difference: gap } of compared) {
  const end = (high: number) => (Number.isFinite(high) ? `to ${high}` : "and more");
  const which = bin === null ? "all" : `${bin.column} ${bin.low} ${end(bin.high)}`;
  console.log(
    `| ${[rank, which, truth.lenses, spanned(truth), other.lenses, spanned(other), spanned(gap)].join(" | ")} |`,
  );
}
const agree = compared.filter(({ difference: { low, high } }) => low <= 0 && high >= 0).length;
console.log(`\n${agree} of ${compared.length} differences have an interval that holds 0`);
const { maxRSS, userCPUTime } = process.resourceUsage();
console.log(`${(userCPUTime / 1e6).toFixed(0)} s of CPU, ${(maxRSS / 1024).toFixed(0)} MB`);
writeFileWhole(
  join(folder, `demonstration-${first}.json`),
  `${JSON.stringify({ rows: survey.length, lenses: lenses.length, repeats, covered, compared }, null, 2)}\n`,
);
