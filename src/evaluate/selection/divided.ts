/** A selection function in shards: each scores some of the injections; all that counts them is made in joining. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openDataset } from "../../dataset/dataset.ts";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { refuse } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import type { DividedWork } from "../../foundation/shards/divided-work.ts";
import { partFile, partFilesIn } from "../../foundation/shards/parts.ts";
import { readModelInfo } from "../../train/model.ts";
import { PREDICTED_TOGETHER } from "../../train/predict.ts";
import { type Scoring, scoreImages } from "../scoring.ts";
import type { SelectionConfig } from "./config.ts";
import { isTable, refuseMixed, refuseOwnSources } from "./finder-scores.ts";
import { injectedIn, type ScoreRows, scoringOptions } from "./measured.ts";

/** Batches of a file, which a stopped shard need not make again. */
const BATCHES_IN_PART = 16;
const NAME = "scores";

/** A part of a `Scoring`: JSON has no number for one that is not known. */
const scoringPart = z.strictObject({
  classes: z.array(z.string()),
  positive: z.number(),
  probabilities: z.array(z.number()),
  calibrated: z.array(z.number().nullable()).nullable(),
  calibratedBy: z.string(),
  leak: z.boolean(),
  graded: z.array(z.number()).nullable(),
  rejected: z.array(z.number()).nullable(),
  notes: z.array(z.string()),
});

/**
 * @param finish counts and writes all, with what scores the images
 * @throws ArcletError for what can't be divided, and for datasets and models that can't be read
 */
export async function dividedSelection(
  config: SelectionConfig,
  finish: (score: ScoreRows) => Promise<readonly string[]>,
): Promise<DividedWork> {
  refuseUndividable(config);
  const { injected, finders, out, population, ...settings } = config;
  const rows = await withRows(config, async (_, chosen) => chosen.length);
  const contentOf = (folder: string) => readInfo(join(folder, INFO_FILE)).contentHash;
  const data: Record<string, string> = { [injected]: contentOf(injected) };
  if (population !== null) data[population] = contentOf(population);
  for (const model of finders) data[`the model ${model}`] = fileHash(readModelInfo(model).file);
  const units = Math.ceil(rows / PREDICTED_TOGETHER);
  return {
    ...{ command: "selection", out, data, unit: "batches", units, resumes: true },
    settings: { injected, finders, population, ...settings },
    make: ({ from, to }, folder, tick) =>
      withRows(config, async (dataset, chosen) => {
        refuseOwnSources(finders, dataset, injected, chosen);
        for (let first = from; first < to; first += BATCHES_IN_PART) {
          const end = Math.min(to, first + BATCHES_IN_PART);
          const path = partFile(folder, NAME, first, "json");
          if (existsSync(path)) tick(0, end - first);
          else {
            const some = chosen.subarray(first * PREDICTED_TOGETHER, end * PREDICTED_TOGETHER);
            const made = await scoreImages(finders, dataset, some, scoringOptions(config));
            writeFileWhole(path, `${JSON.stringify(plain(made))}\n`);
            tick(end - first);
          }
        }
      }),
    merge: (shards) => finish(async () => joinedScoring(partFilesIn(shards, NAME, "json"))),
  };
}

async function withRows<T>(
  config: SelectionConfig,
  body: (dataset: Awaited<ReturnType<typeof openDataset>>, rows: Int32Array) => Promise<T>,
): Promise<T> {
  const dataset = await openDataset(config.injected);
  try {
    const { lenses, others } = await injectedIn(dataset, config.injected, config);
    return await body(dataset, Int32Array.from([...lenses, ...others]).sort());
  } finally {
    dataset.close();
  }
}

const plain = ({
  probabilities,
  calibrated,
  graded,
  rejected,
  ...rest
}: Scoring): z.input<typeof scoringPart> => ({
  ...{ classes: [...rest.classes], positive: rest.positive, leak: rest.leak, notes: rest.notes },
  calibratedBy: rest.calibratedBy,
  probabilities: [...probabilities],
  calibrated: calibrated && Array.from(calibrated, (value) => (Number.isNaN(value) ? null : value)),
  graded: graded && [...graded],
  rejected: rejected && [...rejected],
});

function joinedScoring(paths: readonly string[]): Scoring {
  const parts = paths.map((path) => checked(path, scoringPart, readJson(path), { code: "broken" }));
  const { classes, positive, calibratedBy } = parts[0]!;
  const all = <T>(of: (one: z.output<typeof scoringPart>) => readonly T[] | null): T[] | null =>
    parts.some((one) => of(one) === null) ? null : parts.flatMap((one) => of(one)!);
  const calibrated = all((one) => one.calibrated);
  const graded = all((one) => one.graded);
  const rejected = all((one) => one.rejected);
  return {
    ...{ classes, positive, calibratedBy, leak: parts.some(({ leak }) => leak) },
    probabilities: Float32Array.from(parts.flatMap(({ probabilities }) => probabilities)),
    calibrated: calibrated && Float64Array.from(calibrated, (value) => value ?? Number.NaN),
    graded: graded && Uint8Array.from(graded),
    rejected: rejected && Uint8Array.from(rejected),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
  };
}

/** @throws ArcletError for what takes all images at once, or needs no arithmetic */
function refuseUndividable({ finders, paint, splits, precision }: SelectionConfig): void {
  refuseMixed(finders);
  const table = finders.find(isTable);
  if (table !== undefined)
    refuse("selection", "finders", "models in divided work: a table has its scores already", table);
  if (paint !== null)
    refuse("selection", "--paint", "left out in divided work: arclet paint makes the dataset first", paint);
  if (splits.includes("test"))
    refuse(
      "selection",
      "--splits",
      "train or val in divided work: one program alone opens test",
      splits.join(","),
    );
  if (precision === "auto")
    refuse(
      "selection",
      "--precision",
      "float32, bfloat16 or int8 in divided work, so that all shards have one",
      precision,
    );
}
