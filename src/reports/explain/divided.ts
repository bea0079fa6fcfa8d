/**
 * Explanations in shards, in two rounds: the first scores the images to choose from, the second explains those that have the
 * highest scores of all. Tables, panels and the page are made in joining.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { readMatrix, writeMatrix } from "../../dataset/npy-matrix.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { Tick } from "../../foundation/shards/attempt.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { partFile, partFilesIn } from "../../foundation/shards/parts.ts";
import { checkModelFits, type Model, readModelInfo } from "../../train/model.ts";
import { PREDICTED_TOGETHER, predictRows } from "../../train/predict.ts";
import type { ExplainValues } from "./config.ts";
import { BATCH, bestOf, explainImages, rowsToScore } from "./images.ts";
import { mapsOf } from "./maps.ts";

const SCORES = "scores";
/** Batches of a file of scores, which a stopped shard need not make again. */
const SCORED_IN_PART = 64;

/** Does something with the model, which is in memory meanwhile. */
export type WithModel = <T>(body: (model: Model, explainer: Explainer) => Promise<T>) => Promise<T>;

/** @throws ArcletError for a dataset or a model that can't be read, and with `sanity` */
export async function dividedExplanation(values: ExplainValues, withModel: WithModel): Promise<DividedWork> {
  const { data, run, out, top, sanity, ...settings } = values;
  if (sanity)
    refuse("explain", "--sanity", "left out in divided work: it takes all its lenses together", sanity);
  const { file, info } = readModelInfo(run);
  const scored = await withDomain(values, async (domain, rows) => {
    checkModelFits(info, domain.info);
    return rows.length;
  });
  const chosen = Math.min(top ?? scored, scored);
  const scorings = Math.ceil(scored / PREDICTED_TOGETHER);
  const units = scorings + Math.ceil(chosen / BATCH);
  return {
    ...{ command: "explain", out, outIsNew: true, unit: "batches", units, resumes: true },
    rounds: [0, scorings],
    settings: { top, data, run, ...settings },
    data: { [data]: readInfo(join(data, INFO_FILE)).contentHash, [`the model ${run}`]: fileHash(file) },
    make: (range, folder, tick, earlier) =>
      withModel(async (model, explainer) => {
        const scoring = { from: range.from, to: Math.min(range.to, scorings) };
        await scoresInto({ folder, tick }, scoring, values, model, explainer.classIndex);
        const maps = { from: Math.max(0, range.from - scorings), to: range.to - scorings };
        if (maps.from < maps.to)
          await mapsInto({ folder, tick }, maps, values, explainer, [...earlier, folder]);
      }),
    async merge(shards) {
      const heats = new Map(values.method.map((name) => [name, partFilesIn(shards, name, "npy")]));
      const made = {
        scores: scoresIn(shards),
        heats: (batch: number) => values.method.map((name) => readMatrix(heats.get(name)![batch]!).values),
      };
      await withModel((model, explainer) => explainImages(values, model, explainer, made));
      return [];
    },
  };
}

async function withDomain<T>(
  values: ExplainValues,
  body: (domain: Awaited<ReturnType<typeof openUnlabelled>>, rows: Int32Array) => Promise<T>,
): Promise<T> {
  const domain = await openUnlabelled(values.data);
  try {
    return await body(domain, rowsToScore(domain, values));
  } finally {
    domain.close();
  }
}

interface Part {
  readonly folder: string;
  /** Counts batches. */
  readonly tick: Tick;
}

/** Scores the images of some batches. */
const scoresInto = (
  { folder, tick }: Part,
  { from, to }: { from: number; to: number },
  values: ExplainValues,
  model: Model,
  classIndex: number,
): Promise<void> =>
  withDomain(values, async (domain, rows) => {
    for (let first = from; first < to; first += SCORED_IN_PART) {
      const end = Math.min(to, first + SCORED_IN_PART);
      const path = partFile(folder, SCORES, first, "npy");
      if (existsSync(path)) tick(0, end - first);
      else {
        const some = rows.subarray(first * PREDICTED_TOGETHER, end * PREDICTED_TOGETHER);
        const { classes, probabilities } = await predictRows(model, domain, some, () => tick(1));
        const ofClass = Float32Array.from(some, (_, i) => probabilities[i * classes.length + classIndex]!);
        writeMatrix(path, ofClass, []);
      }
    }
  });

const scoresIn = (shards: readonly string[]): number[] =>
  partFilesIn(shards, SCORES, "npy").flatMap((path) => [...readMatrix(path).values]);

/** Explains the images of some batches of the chosen ones, a file each and method. */
const mapsInto = (
  { folder, tick }: Part,
  { from, to }: { from: number; to: number },
  values: ExplainValues,
  explainer: Explainer,
  shards: readonly string[],
): Promise<void> =>
  withDomain(values, async (domain, rows) => {
    const scores = scoresIn(shards);
    const chosen = bestOf(domain, rows, scores, values.top).map((i) => rows[i]!);
    const item = domain.info.shape.slice(1);
    for (let batch = from; batch < to; batch++) {
      const paths = values.method.map((name) => partFile(folder, name, batch, "npy"));
      if (paths.every((path) => existsSync(path))) tick(0, 1);
      else {
        const some = chosen.slice(batch * BATCH, (batch + 1) * BATCH);
        const { heats } = mapsOf(domain, some, explainer, values.method, values);
        for (const [m, path] of paths.entries()) writeMatrix(path, heats[m]!, item);
        tick(1);
      }
      await safePoint(
        `${batch - from + 1} of ${to - from} batches of a shard are kept; the same command resumes`,
      );
    }
  });
