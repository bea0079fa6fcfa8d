/** Heat maps of chosen images: maps, a table, panels, a mosaic, a report. */
import { join } from "node:path";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { refuse } from "../../foundation/errors.ts";
import { writeFolderWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { provenance } from "../../torch/provenance.ts";
import type { Model } from "../../train/model.ts";
import { predictRows } from "../../train/predict.ts";
import { writeReport } from "../report.ts";
import { ranked, rowsOfIds } from "./choice.ts";
import type { ExplainValues } from "./config.ts";
import { imagesReport } from "./images-report.ts";
import { mapsOf } from "./maps.ts";
import { type ChosenImages, MapsFolder } from "./maps-folder.ts";
import { summaryLine } from "./words.ts";

/** Images explained at a time. */
const BATCH = 32;

export async function explainImages(
  values: ExplainValues,
  model: Model,
  explainer: Explainer,
): Promise<void> {
  const { data, out, method: methods } = values;
  const domain = await openUnlabelled(data);
  try {
    const images = await chosenImages(domain, values, model, explainer.classIndex);
    let flat: readonly number[] = [];
    await writeFolderWhole(out, async (partial) => {
      const folder = new MapsFolder(partial, images, methods, values.pictures);
      await explainInto(folder, images, explainer, values);
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
    });
    console.log(summaryLine(out, images.rows.length, methods, flat));
  } finally {
    domain.close();
  }
}

async function explainInto(
  folder: MapsFolder,
  { domain, rows }: ChosenImages,
  explainer: Explainer,
  values: ExplainValues,
): Promise<void> {
  const bar = progress("explain", rows.length, "images");
  try {
    for (let first = 0; first < rows.length; first += BATCH) {
      const batch = rows.slice(first, first + BATCH);
      folder.append(first, batch.length, mapsOf(domain, batch, explainer, values.method, values));
      bar.tick(batch.length);
      await safePoint("nothing was written");
    }
  } finally {
    folder.close();
  }
  folder.finish();
  bar.done();
}

/** The images to explain, best first, with their probability of the class. */
async function chosenImages(
  domain: ImageDomain,
  values: ExplainValues,
  model: Model,
  classIndex: number,
): Promise<ChosenImages> {
  const { data, ids, top, splits } = values;
  const rows = ids === null ? domain.rows(...splits) : rowsOfIds(domain, data, ids);
  if (rows.length === 0) refuse(data, "splits", "splits that hold rows", splits);
  const bar = progress("score", rows.length, "images");
  const { classes, probabilities } = await predictRows(model, domain, rows, (n) => bar.tick(n));
  bar.done();
  const all = Array.from(rows, (_, i) => probabilities[i * classes.length + classIndex]!);
  const order = ranked(domain, rows, all).slice(0, top ?? rows.length);
  return {
    domain,
    name: classes[classIndex]!,
    rows: order.map((i) => rows[i]!),
    scores: order.map((i) => all[i]!),
  };
}
