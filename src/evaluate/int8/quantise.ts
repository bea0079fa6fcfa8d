/**
 * A model in 8 bits: ranges of its tensors from some images of a dataset, its scores compared with float32's on others. Written
 * only if they are as good.
 */

import { createHash } from "node:crypto";
import { type Dataset, openDataset } from "../../dataset/dataset.ts";
import { fileHash } from "../../dataset/hash.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { isTaken, writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { Draws } from "../../foundation/random.ts";
import { evenlySpaced } from "../../foundation/thinning.ts";
import { version } from "../../foundation/version.ts";
import type { Graph } from "../../onnx/graph.ts";
import { onnxBytes } from "../../onnx/protobuf.ts";
import { observed } from "../../onnx/quantising/observe.ts";
import { planOf, type QuantisingPlan } from "../../onnx/quantising/plan.ts";
import { quantised } from "../../onnx/quantising/qdq.ts";
import type { Histogram, WeightBits } from "../../onnx/quantising/scale.ts";
import { OnnxSession } from "../../onnx/runtime.ts";
import { type ExportOptions, graphOptions, modelGraph, producer } from "../../train/exporting/export.ts";
import { exportMetadata } from "../../train/exporting/metadata.ts";
import type { Finder } from "../../train/finders/finders.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import { logOddsOf } from "../log-odds.ts";
import { rankCorrelation } from "../rank-correlation.ts";
import { rankScores } from "../ranked.ts";
import { auroc } from "../ranking.ts";
import { BATCH, floatImages, predictRowsByGraph } from "./predict.ts";
import { type Int8Record, isRecord, recordFile } from "./record.ts";
import { hasVnni } from "./vnni.ts";

/** Images that ranges are taken from; more change no range by much. */
const CALIBRATED = 512;
const FEWEST = 32;
const MOST_HELD_OUT = 10_000;
/** What a model in 8 bits may lose of the AUROC, and the least rank correlation of its scores with float32's. */
const MOST_LOST = 0.002;
const LEAST_CORRELATION = 0.999;
/** How many of the first convolutions stay in float32: the fewest with which the scores are good enough. */
const KEPT = [0, 1, 3];
const REPEATS = 4;

export interface QuantiseOptions extends ExportOptions {
  /** Dataset folder of images that the model takes; its test rows are not read. */
  calibrate: string;
  /** A bar for so many images. */
  bar: (total: number, what: string) => { tick(images: number): void; done(): void };
}

/**
 * Writes `file` and its record beside it.
 *
 * @param finder that the model is; null for any other model
 * @throws ArcletError for names that are taken, a dataset that the model was not made for, and when the scores in 8 bits are not
 *   as good as in float32; nothing is written then. Interrupted when the user stops it
 */
export async function quantiseModel(
  model: Model,
  file: string,
  finder: Finder | null,
  options: QuantiseOptions,
): Promise<Int8Record> {
  refuseTaken(file);
  const dataset = await openDataset(options.calibrate, () => model.info.preprocessing.bands);
  try {
    checkSurvey(dataset, model, finder);
    await dataset.verify();
    const rows = rowsOf(dataset);
    const chosen = { ...graphOptions(model, options), map: false, features: true };
    const graph = modelGraph(model, chosen);
    const histograms = await rangesOf(model, graph, dataset, rows.calibrated, options);
    const judge = await Judge.open(model, graph, dataset, rows.heldOut, options);
    const metadata = { ...exportMetadata(model, chosen, finder), precision: "int8" };
    const tried: string[] = [];
    for (const { plan, kept, weightBits } of trials(graph)) {
      const bytes = onnxBytes(
        quantised(graph, plan, histograms, weightBits),
        producer(finder?.card.summary ?? ""),
        metadata,
      );
      const judged = await judge.judge(bytes);
      if (judged.flaw !== null) {
        const left = plan.sums.size > 0 ? `${kept} convolutions and the sums` : `${kept} convolutions`;
        tried.push(`with ${left} left in float32 and weights of ${weightBits} bits ${judged.flaw}`);
        continue;
      }
      const record: Int8Record = {
        format: 1,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        model: fileHash(model.path),
        data: {
          name: dataset.info.name,
          folder: dataset.folder,
          contentHash: dataset.info.contentHash,
        },
        calibrated: rows.calibrated.length,
        heldOut: rows.heldOut.length,
        convolutions: plan.convolutions.length,
        leftInFloat32: kept,
        sumsInFloat32: plan.sums.size > 0,
        weightBits,
        ...judged.measured,
        versions: { arclet: version(), node: process.version },
      };
      // The model last: a record alone is no model, and is written again.
      writeFileWhole(recordFile(file), `${JSON.stringify(record, null, 2)}\n`);
      writeFileWhole(file, bytes);
      return record;
    }
    throw new ArcletError({
      where: model.path,
      code: "failed",
      problem: `its scores in 8 bits are not as good as in float32: ${tried.join("; ")}. Nothing was written`,
    });
  } finally {
    dataset.close();
  }
}

/** One way to carry a graph in 8 bits. */
interface Trial {
  plan: QuantisingPlan;
  /** Of the first convolutions, those left in float32. */
  kept: number;
  weightBits: WeightBits;
}

/**
 * The fastest first: sums in float32 cost a residual network a seventh of its speed. Weights have 7 bits too where this processor
 * cuts off sums of products of 8.
 */
function trials(graph: Graph): Trial[] {
  const bits: readonly WeightBits[] = hasVnni() ? [8] : [8, 7];
  return KEPT.flatMap((kept) => {
    const [all, floatSums] = [planOf(graph, kept), planOf(graph, kept, true)];
    const plans = floatSums.sums.size > 0 ? [all, floatSums] : [all];
    return plans.flatMap((plan) => bits.map((weightBits) => ({ plan, kept, weightBits })));
  });
}

/** @throws ArcletError for names that are taken, but for a record that a killed program left without its model */
function refuseTaken(file: string): void {
  const record = recordFile(file);
  const taken = [file, record].find((path) => isTaken(path));
  if (taken === undefined || (taken === record && isRecord(record))) return;
  refuse("export-model", "int8", "a name that is not taken", taken, "conflict");
}

function checkSurvey(dataset: Dataset, model: Model, finder: Finder | null): void {
  checkModelFits(model.info, dataset.info);
  const { survey } = dataset.info;
  if (finder !== null && survey !== null && survey !== finder.card.survey)
    throw new ArcletError({
      where: dataset.folder,
      code: "conflict",
      problem: `has images of ${survey}, the finder is for ${finder.card.survey}`,
    });
}

/** Rows to calibrate on, drawn from all but the sealed ones, and the others. */
function rowsOf(dataset: Dataset): { calibrated: Int32Array; heldOut: Int32Array } {
  const all = dataset.rows("train", "val");
  const count = Math.min(CALIBRATED, all.length >> 1);
  if (count < FEWEST)
    refuse(dataset.folder, "rows", `at least ${2 * FEWEST} of the splits train and val`, all.length);
  const draws = new Draws(1);
  const shuffled = all.slice();
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(draws.uniform(0, i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return {
    calibrated: shuffled.slice(0, count).sort(),
    heldOut: evenlySpaced(shuffled.slice(count).sort(), MOST_HELD_OUT),
  };
}

async function rangesOf(
  model: Model,
  graph: Graph,
  dataset: Dataset,
  rows: Int32Array,
  { bar: barOf }: QuantiseOptions,
): Promise<ReadonlyMap<string, Histogram>> {
  const bar = barOf(2 * rows.length, "calibrate");
  /** Small: every tensor of the network comes out. */
  const part = 16;
  function* batches() {
    for (let start = 0; start < rows.length; start += part)
      yield floatImages(dataset, rows.slice(start, start + part));
  }
  try {
    return await observed(model.path, graph, planOf(graph).tensors, batches, async (images) => {
      bar.tick(images);
      await safePoint("nothing was written");
    });
  } finally {
    bar.done();
  }
}

type Measured = Pick<Int8Record, "auroc" | "rankCorrelation" | "imagesPerSecond">;

/** Compares graphs with the float32 one on held-out rows. */
class Judge {
  private readonly model: Model;
  private readonly dataset: Dataset;
  private readonly rows: Int32Array;
  private readonly options: QuantiseOptions;
  private readonly float32: { odds: Float64Array; imagesPerSecond: number };

  private constructor(
    model: Model,
    dataset: Dataset,
    rows: Int32Array,
    options: QuantiseOptions,
    float32: { odds: Float64Array; imagesPerSecond: number },
  ) {
    this.model = model;
    this.dataset = dataset;
    this.rows = rows;
    this.options = options;
    this.float32 = float32;
  }

  static async open(
    model: Model,
    graph: Graph,
    dataset: Dataset,
    rows: Int32Array,
    options: QuantiseOptions,
  ): Promise<Judge> {
    const bytes = onnxBytes(graph, producer(""), {});
    return new Judge(
      model,
      dataset,
      rows,
      options,
      await oddsOf(model, bytes, dataset, rows, options, "float32"),
    );
  }

  async judge(bytes: Uint8Array): Promise<{ measured: Measured; flaw: string | null }> {
    const { model, dataset, rows, options, float32 } = this;
    const int8 = await oddsOf(model, bytes, dataset, rows, options, "int8");
    const correlation = rankCorrelation(float32.odds, int8.odds) ?? 0;
    const areas = this.areas(int8.odds);
    const lost = areas === null ? 0 : areas.float32 - areas.int8;
    const flaws = [
      ...(lost > MOST_LOST ? [`the AUROC falls by ${lost.toFixed(4)}, more than ${MOST_LOST}`] : []),
      ...(correlation < LEAST_CORRELATION
        ? [`their rank correlation is ${correlation.toFixed(5)}, less than ${LEAST_CORRELATION}`]
        : []),
    ];
    return {
      measured: {
        auroc: areas,
        rankCorrelation: correlation,
        imagesPerSecond: { float32: float32.imagesPerSecond, int8: int8.imagesPerSecond },
      },
      flaw: flaws.length === 0 ? null : flaws.join(" and "),
    };
  }

  private areas(odds: Float64Array): { float32: number; int8: number } | null {
    const { dataset, rows, options, model } = this;
    const known = new Set(dataset.labelledRows("train", "val"));
    const positive = dataset.info.classes.indexOf(model.info.classes[options.positive]!);
    const at = [...rows.keys()].filter((i) => known.has(rows[i]!));
    const labels = dataset.labels(at.map((i) => rows[i]!));
    const positives = Uint8Array.from(labels, (label) => Number(label === positive));
    const lenses = positives.reduce((sum, one) => sum + one, 0);
    if (lenses === 0 || lenses === positives.length) return null;
    const area = (all: Float64Array) =>
      auroc(
        rankScores(
          Float64Array.from(at, (i) => all[i]!),
          positives,
        ),
      );
    return { float32: area(this.float32.odds), int8: area(odds) };
  }
}

/** The positive class's log odds of rows, and how fast they come. */
async function oddsOf(
  { path, info }: Model,
  bytes: Uint8Array,
  dataset: Dataset,
  rows: Int32Array,
  { positive, bar: barOf }: QuantiseOptions,
  what: string,
): Promise<{ odds: Float64Array; imagesPerSecond: number }> {
  const session = await OnnxSession.open(path, bytes);
  const bar = barOf(rows.length, what);
  try {
    const { logits } = await predictRowsByGraph(session, info, dataset, rows, (images) => bar.tick(images));
    const odds = logOddsOf(logits, info.classes.length, positive);
    const images = floatImages(dataset, rows.slice(0, BATCH));
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < REPEATS; i++) {
      const start = performance.now();
      await session.run(images);
      best = Math.min(best, performance.now() - start);
    }
    return { odds, imagesPerSecond: Math.round((1000 * images.shape[0]!) / best) };
  } finally {
    bar.done();
    await session.close();
  }
}
