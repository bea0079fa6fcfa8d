/** A scoring of one dataset or many in shards, in memory that doesn't grow with their rows. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { formatByName } from "../../catalog/format.ts";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { rowsIn } from "../../dataset/part.ts";
import { refuse } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { readModelInfo } from "../../train/model.ts";
import { PREDICTED_TOGETHER } from "../../train/predict.ts";
import { cascadeAt } from "../cascade/file.ts";
import { PASSED_TOGETHER } from "../cascade/score.ts";
import { combinationAt } from "../combination/file.ts";
import type { ScoreConfig } from "../score-config.ts";
import { batchCount, type CountedDataset, runsOfBatches } from "./batches.ts";
import { datasetsAt } from "./datasets.ts";
import { MOST_IN_MEMORY, mergeScores, scratchIn } from "./merge.ts";
import { partFiles, scorePart } from "./scored-part.ts";

/** Images of a part, whose scores are in memory together. */
const IMAGES_IN_PART = 65_536;

export interface DividedScoring extends ScoreConfig {
  /** Only the best rows; null for all. */
  top: number | null;
}

/**
 * @param folder where shards are made, for what outgrows memory when they are joined
 * @throws ArcletError for datasets and models that can't be read, and for settings that need all images at once
 */
export async function dividedScoring(values: DividedScoring, folder: string): Promise<DividedWork> {
  const { top, out, ...config } = values;
  refuseUndividable(config);
  const datasets: CountedDataset[] = [];
  const data: Record<string, string> = {};
  for (const path of datasetsAt(config.data)) {
    datasets.push({ folder: path, rows: await rowsIn(path, config.splits) });
    data[path] = readInfo(join(path, INFO_FILE)).contentHash;
  }
  for (const model of config.models)
    data[`the model ${model}`] = fileHash(cascadeAt(model) ?? readModelInfo(model).file);
  // All rows that a cascade looks at together are of one shard, so that its finder has the same batches however they are divided.
  const together = config.models.some((model) => cascadeAt(model) !== null)
    ? PASSED_TOGETHER
    : PREDICTED_TOGETHER;
  const rows = datasets.reduce((sum, one) => sum + one.rows, 0);
  if (rows === 0) refuse(config.data, "splits", "splits that hold rows", config.splits);
  const written = Math.min(top ?? rows, rows);
  if (written > MOST_IN_MEMORY && formatByName(out) !== "parquet")
    refuse(
      "score",
      "--out",
      `a .parquet file for ${written} rows (or --top, at most ${MOST_IN_MEMORY})`,
      out,
    );
  const { radius, ...settings } = config;
  return {
    ...{ command: "score", out, data, unit: "batches", units: batchCount(datasets, together), resumes: true },
    settings: { ...settings, top },
    async make(range, shard, tick) {
      for (const [k, run] of runsOfBatches(datasets, range, IMAGES_IN_PART / together, together).entries()) {
        const batches = batchCount([{ folder: run.folder, rows: run.to - run.from }], together);
        const progress = evenly(batches, (run.to - run.from) * config.models.length, tick);
        const files = partFiles(shard, k);
        if (!(await scorePart(files, run, { ...config, out }, progress))) tick(0, batches);
      }
    },
    merge: (shards) =>
      mergeScores(out, shards.flatMap(partsIn), {
        data: config.data,
        top,
        radius,
        scratch: scratchIn(folder),
      }),
  };
}

/** The files of a shard's parts, in their order. */
function partsIn(shard: string): { table: string; facts: string }[] {
  const tables = guarded(shard, () => readdirSync(shard)).filter((name) => name.endsWith(".parquet"));
  return tables.map((_, k) => partFiles(shard, k));
}

/** Turns images that a model scored into batches that all models did. */
function evenly(batches: number, images: number, tick: (batches: number) => void): (images: number) => void {
  let [made, told] = [0, 0];
  return (more) => {
    made += more;
    const now = Math.floor((made * batches) / images);
    if (now > told) tick(now - told);
    told = now;
  };
}

/** @throws ArcletError for settings whose result depends on all images together, or on the machine */
function refuseUndividable({ models, inputs, prior, priorFrom, precision }: Omit<ScoreConfig, "out">): void {
  const combination = models.find((model) => combinationAt(model) !== null);
  if (combination !== undefined)
    refuse("score", "models", "models, in divided work (then combine their tables)", combination);
  if (inputs !== null) refuse("score", "inputs", "left out in divided work", inputs);
  if (precision === "auto")
    refuse(
      "score",
      "precision",
      "float32 or bfloat16 in divided work, so that all shards have one",
      precision,
    );
  // A cascade's prior is never estimated.
  const estimated = models.find(
    (model) => cascadeAt(model) === null && readModelInfo(model).info.calibration !== null,
  );
  if (prior === null && priorFrom !== null && estimated !== undefined)
    refuse(
      "score",
      "--prior",
      "given in divided work, where no shard has all images to estimate it from (arclet prevalence estimates it on a sample; --prior-from none takes the source's)",
      prior,
    );
}
