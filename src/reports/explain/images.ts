/** Heat maps of chosen images: maps, a table, panels, a mosaic, a report. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { continueFolder, type Identity } from "../../dataset/unfinished.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { provenance } from "../../torch/provenance.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import { predictRows } from "../../train/predict.ts";
import { writeReport } from "../report.ts";
import { ranked, rowsOfIds } from "./choice.ts";
import type { ExplainValues } from "./config.ts";
import { imagesReport } from "./images-report.ts";
import { mapsAgain, mapsOf } from "./maps.ts";
import { type ChosenImages, MapsFolder, mapsIn } from "./maps-folder.ts";
import { summaryLine } from "./words.ts";

/** Images explained at a time. */
export const BATCH = 32;

/** What was made before, by shards. */
export interface MadeBefore {
  /** Of the images to choose from. */
  readonly scores: readonly number[];
  /** For each method, the maps of a batch of the chosen images, (B H W). */
  heats(batch: number): readonly Float32Array[];
}

/** @param made by shards; null for nothing */
export async function explainImages(
  values: ExplainValues,
  model: Model,
  explainer: Explainer,
  made: MadeBefore | null = null,
): Promise<void> {
  const { data, out, method: methods } = values;
  const domain = await openUnlabelled(data);
  try {
    checkModelFits(model.info, domain.info);
    await domain.verify();
    const images = await chosenImages(domain, values, model, explainer.classIndex, made);
    let flat: readonly number[] = [];
    const [, height, width] = domain.info.shape;
    const wholeIn = (partial: string) =>
      Math.min(images.rows.length, mapsIn(partial, methods, 4 * height * width));
    const write = async (partial: string) => {
      const kept = Math.floor(wholeIn(partial) / BATCH) * BATCH;
      const folder = new MapsFolder(partial, images, methods, values.pictures, kept);
      await explainInto(folder, kept, images, explainer, values, made);
      flat = folder.flat;
      const content = imagesReport(
        images,
        folder,
        values,
        model.info,
        explainer.classIndex,
        provenance("explain"),
      );
      writeReport(join(partial, "report.html"), content);
    };
    await continueFolder(out, identityOf(values, images), null, write, (partial) => wholeIn(partial) > 0);
    console.log(summaryLine(out, images.rows.length, methods, flat));
  } finally {
    domain.close();
  }
}

/** What the maps depend on; the model by the scores that it gave. */
function identityOf(
  { method, output, positive, window, stride }: ExplainValues,
  { domain, name, rows, scores }: ChosenImages,
): Identity {
  const chosen = JSON.stringify(rows.map((row, k) => [domain.ids[row], scores[k]]));
  const scored = createHash("sha256").update(chosen).digest("hex").slice(0, 16);
  const { contentHash } = domain.info;
  return { command: "explain", data: contentHash, scored, name, positive, method, output, window, stride };
}

/** @param kept images whose maps are there */
async function explainInto(
  folder: MapsFolder,
  kept: number,
  { domain, rows }: ChosenImages,
  explainer: Explainer,
  values: ExplainValues,
  made: MadeBefore | null,
): Promise<void> {
  const bar = progress("explain", rows.length, "images", kept);
  try {
    for (let first = 0; first < rows.length; first += BATCH) {
      const batch = rows.slice(first, first + BATCH);
      const count = batch.length;
      if (first < kept) folder.again(first, count, mapsAgain(domain, batch, folder.written(first, count)));
      else {
        const heats = made?.heats(first / BATCH);
        const maps =
          heats === undefined
            ? mapsOf(domain, batch, explainer, values.method, values)
            : mapsAgain(domain, batch, heats);
        folder.append(first, count, maps);
        bar.tick(count);
      }
      await safePoint(
        `maps of ${Math.max(kept, first + count)} of ${rows.length} images are in ${values.out}.partial; the same command resumes`,
      );
    }
  } catch (error) {
    folder.abandon();
    throw error;
  }
  folder.finish();
  bar.done();
}

/** The rows among which images are chosen. @throws ArcletError when there are none */
export function rowsToScore(
  domain: ImageDomain,
  { data, ids, splits }: Pick<ExplainValues, "data" | "ids" | "splits">,
): Int32Array {
  const rows = ids === null ? domain.rows(...splits) : rowsOfIds(domain, data, ids);
  return rows.length > 0 ? rows : refuse(data, "splits", "splits that hold rows", splits);
}

/** Indices of the chosen rows, best score first. */
export const bestOf = (
  domain: ImageDomain,
  rows: Int32Array,
  scores: readonly number[],
  top: number | null,
): number[] => [...ranked(domain, rows, scores).slice(0, top ?? rows.length)];

/** The images to explain, best first, with their probability of the class. */
async function chosenImages(
  domain: ImageDomain,
  values: ExplainValues,
  model: Model,
  classIndex: number,
  made: MadeBefore | null,
): Promise<ChosenImages> {
  const rows = rowsToScore(domain, values);
  const scores = made?.scores ?? (await scoresOf(domain, rows, model, classIndex));
  const order = bestOf(domain, rows, scores, values.top);
  return {
    domain,
    name: model.info.classes[classIndex]!,
    rows: order.map((i) => rows[i]!),
    scores: order.map((i) => scores[i]!),
  };
}

async function scoresOf(
  domain: ImageDomain,
  rows: Int32Array,
  model: Model,
  classIndex: number,
): Promise<number[]> {
  const bar = progress("score", rows.length, "images");
  const { classes, probabilities } = await predictRows(model, domain, rows, (n) => bar.tick(n));
  bar.done();
  return Array.from(rows, (_, i) => probabilities[i * classes.length + classIndex]!);
}
