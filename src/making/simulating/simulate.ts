/** Simulated datasets: a population, observed and written with all that is known of every object. */
import type { DatasetInfo } from "../../dataset/info.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetSpec, type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import type { UnitRange } from "../../foundation/shards/range.ts";
import type { Population } from "../../lensing/populations/population.ts";
import { classesOf, type Recipe } from "../../lensing/recipes/recipe.ts";
import { numbersHash } from "../numbers-hash.ts";
import { writtenBands } from "./bands.ts";
import type { SimulateConfig } from "./config.ts";
import { populationOf } from "./draw.ts";
import { drawnBatches } from "./drawers.ts";
import { COLUMNS } from "./rows.ts";

/** How the work is divided, which changes no byte of an image or row. */
export interface SimulateOptions {
  /** Objects drawn together; the pixels of 32 stay in the caches. */
  batch?: number;
  /** Largest size of a shard file. */
  shardBytes?: number;
}

/**
 * Simulates and writes a dataset: same configuration, same bytes. What a killed or interrupted program has left in
 * `<out>.partial` is resumed.
 *
 * @throws ArcletError when the folder exists or can't be written, the survey has a band without colours, a setting does
 *   not fit the survey, or another configuration's dataset of that name is unfinished
 */
export async function simulate(
  config: SimulateConfig,
  provenance: DatasetInfo["provenance"],
  { batch, shardBytes }: SimulateOptions = {},
): Promise<DatasetInfo> {
  const population = populationOf(config);
  const { out, count } = config;
  return writeDataset(
    out,
    specOf(population, config, provenance),
    async (writer) => {
      const bar = progress("simulate", count, "images", writer.length);
      await drawInto(writer, population, config, {
        ...{ range: { from: 0, to: count }, batch, tick: (images) => bar.tick(images) },
        saved: (length) => `${length} of ${count} images are in ${out}.partial; the same command resumes`,
      });
      bar.done();
      return settledOf(population, config);
    },
    shardBytes,
    identityOf(config, population, provenance),
  );
}

/** What the dataset is, before its images are drawn. */
export function specOf(
  { survey, recipe }: Population & { recipe: Recipe },
  config: SimulateConfig,
  provenance: DatasetInfo["provenance"],
): DatasetSpec {
  const bands = [...writtenBands(survey, config).names];
  return {
    name: `simulated ${survey.title}, seed ${config.seed}`,
    survey: survey.name,
    bands,
    pixelScale: config.resample ? config.pixelScale! : survey.pixelScale,
    classes: classesOf(recipe),
    pixels: config.pixels,
    shape: [bands.length, config.size, config.size],
    provenance: { ...provenance, config: { ...config } },
    columns: COLUMNS,
  };
}

/** What is said of the dataset once all is drawn. */
export const settledOf = ({ survey }: Population, { pixels }: SimulateConfig): { zeroPoint?: number } =>
  pixels === "flux" ? { zeroPoint: survey.zeroPoint } : {};

interface Drawing {
  /** Objects to draw; those that the writer has are the first of them. */
  range: UnitRange;
  batch?: number | undefined;
  tick: (images: number) => void;
  /** As in `safePoint`, for a number of images. */
  saved: (length: number) => string;
}

/** Draws the objects of a range that a writer doesn't have yet. @throws Interrupted when the user stops it */
export async function drawInto(
  writer: DatasetWriter,
  population: Population,
  config: SimulateConfig,
  { range, batch = 32, tick, saved }: Drawing,
): Promise<void> {
  const left = { batch, from: range.from + writer.length, to: range.to };
  for await (const { pixels, rows } of drawnBatches(population, config, left)) {
    writer.append(pixels, rows);
    tick(rows.length);
    await safePoint(saved(writer.length));
  }
}

/** What the pixels and rows depend on: settings, the survey's numbers and the recipe's, the files of PSFs and sources, versions. */
function identityOf(
  { out: _, ...settings }: SimulateConfig,
  { survey, recipe }: Population,
  { arclet, torch }: DatasetInfo["provenance"],
): Identity {
  return { ...settings, numbers: numbersHash(survey, recipe), arclet, torch };
}
