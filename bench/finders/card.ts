/** A finder's card, from the folder that it was made in. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { openDataset } from "../../src/dataset/dataset.ts";
import { fileHash } from "../../src/dataset/hash.ts";
import { type Estimate, metricsFileSchema } from "../../src/evaluate/schema.ts";
import { checked } from "../../src/foundation/errors/zod-errors.ts";
import { ArcletError } from "../../src/foundation/errors.ts";
import { readJson } from "../../src/foundation/files.ts";
import { recipeNamed, recipeYaml } from "../../src/lensing/recipes/recipe-file.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import type { FinderCard } from "../../src/train/finders/card.ts";
import { groupOf } from "../../src/train/group.ts";
import { MODEL_FILE, readModelInfo } from "../../src/train/model.ts";
import { readRunConfig } from "../../src/train/run.ts";
import type { FinderSettings } from "./settings.ts";

/**
 * @param runs that made it, in order, by their folders in `folder`; the last is the finder
 * @param commands that made it, as they were typed
 */
export async function cardOf(
  finder: FinderSettings,
  folder: string,
  runs: readonly string[],
  commands: string[],
): Promise<FinderCard> {
  const { name, summary, survey, pixels, recipe, seed, mustNotBeUsedFor, encoderFrom, figures = [] } = finder;
  const run = join(folder, runs.at(-1)!);
  const { info } = readModelInfo(run);
  const { provenance } = readRunConfig(run);
  const { bands, pixelScale, kind } = info.preprocessing;
  return {
    format: 1,
    ...{ name, summary, survey, bands, pixelScale, size: info.shape[1], pixels },
    zeroPoint: pixels === "flux" ? surveyNamed(survey).zeroPoint : null,
    preprocessing: kind,
    encoder: info.encoder.name,
    population: {
      recipe,
      recipeHash: createHash("sha256")
        .update(recipeYaml(recipeNamed(recipe)))
        .digest("hex"),
      ...(await countsOf(join(folder, "source"))),
    },
    training: {
      method: info.method,
      ...(encoderFrom === undefined ? {} : { encoderFrom }),
      imagesSeen: runs.reduce((sum, one) => sum + imagesSeen(join(folder, one)), 0),
      seed,
      date: String(provenance.made).slice(0, 10),
      commands,
      versions: Object.fromEntries(["arclet", "torch", "node"].map((key) => [key, String(provenance[key])])),
    },
    figures: [figureOf(join(folder, "judged", "metrics.json")), ...figures],
    mustNotBeUsedFor,
    sha256: fileHash(join(run, MODEL_FILE)),
  };
}

/** Source images that a run's network was trained on, views of one image included. */
function imagesSeen(run: string): number {
  const { resolved, values } = readRunConfig(run);
  const own = values[groupOf(String(values.method))] as { batch?: number } | undefined;
  const batchOf = (phase: string) => Number(phase === "source" ? values.batch : own?.batch);
  return resolved.phases.reduce(
    (sum, { name, epochs, stepsPerEpoch }) => sum + epochs * stepsPerEpoch * batchOf(name),
    0,
  );
}

async function countsOf(folder: string): Promise<{ images: number; lenses: number }> {
  const dataset = await openDataset(folder);
  try {
    const rows = dataset.rows("train", "val", "test");
    const lens = dataset.info.classes.indexOf("lens");
    return { images: rows.length, lenses: dataset.labels(rows).filter((label) => label === lens).length };
  } finally {
    dataset.close();
  }
}

/** The chosen epoch's test. */
function figureOf(path: string): FinderCard["figures"][number] {
  const { results } = checked(path, metricsFileSchema, readJson(path), { code: "broken" });
  const { test, metrics } = results.find(({ checkpoint }) => checkpoint.startsWith("chosen"))!;
  const { positives, negatives, auroc, tpr0, tpr10 } = metrics;
  return {
    ...{ test, sky: "simulated", lenses: positives, others: negatives },
    auroc: known(path, auroc),
    tpr0: known(path, tpr0),
    tpr10: known(path, tpr10),
  };
}

function known(path: string, estimate: Estimate | null): { value: number; low: number; high: number } {
  const { value, low, high } = estimate ?? { value: null, low: null, high: null };
  if (value === null || low === null || high === null)
    throw new ArcletError({ where: path, code: "missing", problem: "lacks a figure that a card needs" });
  const rounded = (share: number) => Number(share.toFixed(4));
  return { value: rounded(value), low: rounded(low), high: rounded(high) };
}
