/** Simulated datasets: a population, observed and written with all that is known of every object. */
import type { DatasetInfo } from "../../dataset/info.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { writeDataset } from "../../dataset/writer.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import type { Population } from "../../lensing/populations/population.ts";
import { classesOf } from "../../lensing/recipes/recipe.ts";
import { numbersHash } from "../numbers-hash.ts";
import { writtenBands } from "./bands.ts";
import type { SimulateConfig } from "./config.ts";
import { populationOf } from "./draw.ts";
import { Drawers } from "./drawers.ts";
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
  { batch = 32, shardBytes }: SimulateOptions = {},
): Promise<DatasetInfo> {
  const population = populationOf(config);
  const { survey } = population;
  const bands = [...writtenBands(survey, config).names];
  const { out, count } = config;
  const spec = {
    name: `simulated ${survey.title}, seed ${config.seed}`,
    survey: survey.name,
    bands,
    pixelScale: config.resample ? config.pixelScale! : survey.pixelScale,
    classes: classesOf(population.recipe),
    pixels: config.pixels,
    shape: [bands.length, config.size, config.size] as [number, number, number],
    provenance: { ...provenance, config: { ...config } },
    columns: COLUMNS,
  };
  return writeDataset(
    out,
    spec,
    async (writer) => {
      const bar = progress("simulate", count, "images", writer.length);
      const drawers = new Drawers(population, config, { batch, from: writer.length });
      try {
        for await (const { pixels, rows } of drawers.batches()) {
          writer.append(pixels, rows);
          bar.tick(rows.length);
          await safePoint(
            `${writer.length} of ${count} images are in ${out}.partial; the same command resumes`,
          );
        }
      } finally {
        await drawers.close();
      }
      bar.done();
      return config.pixels === "flux" ? { zeroPoint: population.survey.zeroPoint } : {};
    },
    shardBytes,
    identityOf(config, population, provenance),
  );
}

/** What the pixels and rows depend on: settings, the survey's numbers and the recipe's, the files of PSFs and sources, versions. */
function identityOf(
  { out: _, ...settings }: SimulateConfig,
  { survey, recipe }: Population,
  { arclet, torch }: DatasetInfo["provenance"],
): Identity {
  return { ...settings, numbers: numbersHash(survey, recipe), arclet, torch };
}
