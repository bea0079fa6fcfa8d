/** The files of `evaluate`: metrics.json, report.html with its figures, and the figures as files. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, openDataset, type Rows } from "../../dataset/dataset.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import type { TestResult } from "../../evaluate/finder-test.ts";
import { delongPaired } from "../../evaluate/intervals.ts";
import { type Metrics, writeMetrics } from "../../evaluate/schema.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { scoreHistogram } from "../../pictures/figures.ts";
import { mosaicPng, type Position, topTiles } from "../../pictures/mosaic.ts";
import { rocFigure } from "../../pictures/roc-figure.ts";
import { standaloneSvg } from "../../pictures/standalone-svg.ts";
import { methodTable } from "../../pictures/table.ts";
import type { Survey } from "../../sky/survey.ts";
import { surveys } from "../../sky/surveys/registry.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { CONFIG_FILE, readRunConfig } from "../../train/run.ts";
import { type Headline, type ReportContent, writeReport } from "../report.ts";
import { type NamedFigure, trainingFigures } from "../training-figures.ts";
import { metricFigures, metricTables } from "./tables.ts";

export interface Evaluated {
  title: string;
  results: TestResult[];
  seal: { split: string; time: string; command: string; openedBefore: number } | null;
  /** Run folders, or finders, for their training curves, data and commands. */
  runs: readonly string[];
  /** The tested dataset, for pictures; null when only scores were given. */
  folder: string | null;
  /** The tested rows of the dataset. */
  rows: Rows | null;
}

const TOP = 40;

export async function writeEvaluation(out: string, done: Evaluated, provenance: Provenance): Promise<void> {
  const { results, seal, runs } = done;
  writeMetrics(join(out, "metrics.json"), {
    version: 1,
    seal,
    results: results.map(({ test, method, checkpoint, metrics }) => ({ test, method, checkpoint, metrics })),
  });
  const shownResults = epochsOnce(results);
  const figures = resultFigures(shownResults);
  const training = runs.flatMap(trainingFigures);
  for (const { file, svg } of [...figures, ...training])
    writeFileWhole(join(out, "figures", `${file}.svg`), standaloneSvg(svg));
  const mosaics = await topMosaic(out, done);
  const shown = shownOf(shownResults);
  // A finder comes without its run.
  const configs = runs.filter((run) => existsSync(join(run, CONFIG_FILE))).map(readRunConfig);
  const content: ReportContent = {
    title: done.title,
    question: provenance.command,
    headlines: [...gainOverSource(shown, shownResults), ...headlines(shown)],
    data: dataRows(configs),
    split: {
      text: seal
        ? `Tested on the split ${seal.split}, which training never saw; epochs were chosen without target labels.`
        : "Scores were given; the table of truth says which rows are positives.",
      seal,
    },
    tables: [
      { title: "Finders", table: methodTable(["finder", "epoch"], shownResults.map(row)) },
      ...metricTables(shownResults),
    ],
    figures,
    mosaics,
    training,
    commands: [...configs.map(({ provenance }) => String(provenance.command)), provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: [
      "TPR_0 and TPR_10: recall before the first and before the tenth false positive.",
      "Intervals are 95 %: for AUROC DeLong's variance, for average precision the rows' influences by group, both drawn towards a model's where few rows know them; bootstrap by group for calibration, Wilson for shares.",
    ],
  };
  writeReport(join(out, "report.html"), content);
}

const row = ({ method, checkpoint, metrics }: TestResult) => ({ names: [method, checkpoint], metrics });

/** The result for headlines and pictures: the last finder, at its chosen epoch. */
const shownOf = (results: readonly TestResult[]): TestResult =>
  results.findLast(({ checkpoint }) => !checkpoint.startsWith("last")) ?? results[results.length - 1]!;

/** Results without the last epoch of a run whose chosen epoch it is; that one is then called `chosen and last`. */
export function epochsOnce(results: readonly TestResult[]): TestResult[] {
  const isLast = ({ checkpoint }: TestResult) => checkpoint.startsWith("last");
  const same = (a: TestResult, b: TestResult) =>
    a.method === b.method && a.epoch !== undefined && a.epoch === b.epoch && isLast(a) !== isLast(b);
  return results
    .filter((one) => !(isLast(one) && results.some((other) => same(one, other))))
    .map((one) =>
      results.some((other) => same(one, other))
        ? { ...one, checkpoint: one.checkpoint.replace(/^(\w+)/, "$1 and last") }
        : one,
    );
}

/** What the shown finder's AUROC gains over a finder without adaptation, paired by image; nothing without one. */
function gainOverSource(shown: TestResult, results: readonly TestResult[]): Headline[] {
  const base = results.find(
    ({ trainedBy, checkpoint, method }) =>
      trainedBy === "source-only" && !checkpoint.startsWith("last") && method !== shown.method,
  );
  const { positives } = shown.rows;
  const few = Math.min(count(positives, 1), count(positives, 0)) < 2;
  if (base === undefined || shown.trainedBy === "source-only" || few) return [];
  const { difference, low, high } = delongPaired(shown.rows.scores, base.rows.scores, positives);
  return [
    {
      label: `AUROC gained over source-only, ${shown.method} less ${base.method}`,
      value: signed(difference),
      detail: `95 % interval ${signed(low)} to ${signed(high)}, paired by image`,
    },
  ];
}

const count = (positives: Uint8Array, value: number): number =>
  positives.reduce((sum, one) => sum + Number(one === value), 0);

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

function headlines({ method, checkpoint, metrics: { auroc, tpr0, tpr10 } }: TestResult) {
  const finder = `${method} (${checkpoint})`;
  const headline = (label: string, { value, low, high }: Metrics["auroc"]) => ({
    label: `${label}, ${finder}`,
    value: value === null ? "–" : value.toFixed(3),
    ...(low === null || high === null
      ? {}
      : { detail: `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}` }),
  });
  return [
    headline("recall before the first false positive", tpr0),
    headline("recall before the tenth false positive", tpr10),
    headline("AUROC", auroc),
  ];
}

function resultFigures(results: readonly TestResult[]): NamedFigure[] {
  const nameOf = ({ method, checkpoint }: TestResult) => `${method} (${checkpoint})`;
  const curves = results.map((result) => ({ name: nameOf(result), curve: result.curve }));
  const last = shownOf(results);
  const scoresOf = (positive: number) =>
    last.rows.scores.filter((_, i) => last.rows.positives[i] === positive);
  const histogram = scoreHistogram(
    [
      { name: "positives", scores: scoresOf(1) },
      { name: "negatives", scores: scoresOf(0) },
    ],
    { log: true },
  );
  const figures: NamedFigure[] = [
    {
      file: "roc",
      title: "Receiver operating characteristic",
      svg: rocFigure(curves, { log: true }),
      caption:
        "The left end, with few false positives, matters most for finding lenses. The false-positive rate is logarithmic.",
    },
    { file: "scores", title: "Scores", svg: histogram, caption: `${nameOf(last)}: scores by true class.` },
  ];
  return [...figures, ...metricFigures(last)];
}

async function topMosaic(out: string, { results, folder, rows }: Evaluated) {
  const last = shownOf(results);
  if (folder === null || rows === null) return [];
  const dataset = await openDataset(folder);
  try {
    const order = Int32Array.from(rows.keys())
      .sort((a, b) => last.rows.scores[b]! - last.rows.scores[a]!)
      .slice(0, TOP);
    const images = dataset.images(Int32Array.from(order, (k) => rows[k]!));
    const data = images.data() as Uint8Array | Float32Array;
    images.dispose();
    const [channels, height, width] = dataset.info.shape;
    const tiles = topTiles(
      {
        images: { data, shape: [order.length, channels, height, width] },
        ids: Array.from(order, (k) => last.rows.ids[k]!),
        scores: Float64Array.from(order, (k) => last.rows.scores[k]!),
        positions: Array.from(order, (k) => positionAt(dataset, rows[k]!)),
        labels: Array.from(order, (k) => (last.rows.positives[k] ? last.metrics.positiveClass : "")),
      },
      order.length,
      shownAs(dataset.info),
    );
    writeFileWhole(join(out, "figures", "top.png"), mosaicPng(tiles.map((tile) => tile.picture)));
    return [
      { title: "Top candidates", caption: `The ${tiles.length} highest scores of ${last.method}.`, tiles },
    ];
  } finally {
    dataset.close();
  }
}

/** ICRS degrees of a row, where its dataset has them. */
function positionAt({ table }: Dataset, row: number): Position | undefined {
  if (!table.has("ra") || !table.has("dec")) return undefined;
  const [ra, dec] = [table.column("ra")[row], table.column("dec")[row]];
  return typeof ra === "number" && typeof dec === "number" ? { ra, dec } : undefined;
}

/** The survey whose colours show a dataset, if Arclet knows it and the channels are its bands. */
export function shownAs({ survey, bands }: Pick<DatasetInfo, "survey" | "bands">): { survey?: Survey } {
  const known = surveys.list.find(({ name }) => name === survey);
  const same = known?.bands.map(({ name }) => name).join() === bands.join();
  return known !== undefined && same ? { survey: known } : {};
}

function dataRows(configs: ReturnType<typeof readRunConfig>[]): ReportContent["data"] {
  const first = configs[configs.length - 1];
  if (first === undefined) return [];
  return (["source", "target"] as const).flatMap((role) => {
    const input = first.inputs[role];
    if (input === null) return [];
    const images =
      role === "source" ? (first.resolved.rows["source train"] ?? 0) : (first.resolved.rows.target ?? 0);
    return [{ role, name: input.name, images, hash: input.contentHash, origin: input.path }];
  });
}
