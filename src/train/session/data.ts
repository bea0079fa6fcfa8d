/** A run's datasets: the labelled source, the target without its labels, and the rows of both that it uses. */
import { type Dataset, openDataset } from "../../dataset/dataset.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import type { Closing } from "../../foundation/closing.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { TrainConfig } from "../config.ts";
import { type LeakMark, leakOf } from "../leak.ts";
import { readModelInfo } from "../model.ts";
import { bandsOf, likeModel, likeSource } from "./alike.ts";

export interface RunData {
  source: Dataset;
  target: UnlabelledDataset | null;
  /** Labelled rows of the source by split, and rows of the target (empty without one). */
  rows: { train: Int32Array; val: Int32Array; target: Int32Array };
  /** What the datasets share and must not; null for nothing. */
  leak: LeakMark | null;
}

/** @throws ArcletError for files that have changed since they were written, a leak that is not allowed, a source that lacks a class or a split, an empty target */
export async function openData(config: TrainConfig, closing: Closing): Promise<RunData> {
  // The order of a starting model's bands comes before the source's.
  const model = config.from === null ? undefined : likeModel(config.from, readModelInfo(config.from).info);
  const source = closing.add(
    await openDataset(config.source, model && bandsOf(model, config.source)),
    (dataset) => dataset.close(),
  );
  const target = await targetOf(config, source, closing);
  await source.verify();
  if (target !== null && target.folder !== source.folder) await target.verify();
  const folders = [config.source, ...(config.target === null ? [] : [config.target])];
  const leak = await leakOf(folders, config.allowLeak);
  return { source, target, rows: rowsOf(config, source, target), leak };
}

async function targetOf(
  { source: folder, target }: TrainConfig,
  source: Dataset,
  closing: Closing,
): Promise<UnlabelledDataset | null> {
  if (target === null) return null;
  const take = bandsOf(likeSource(folder, target, source.info), target);
  return closing.add(await openUnlabelled(target, take), (dataset) => dataset.close());
}

function rowsOf(config: TrainConfig, source: Dataset, target: UnlabelledDataset | null): RunData["rows"] {
  const { classes } = source.info;
  if (classes.length < 2)
    refuse(config.source, "classes", "two or more (is this a labelled source?)", classes.length);
  const train = source.labelledRows("train");
  const val = source.labelledRows("val");
  if (val.length === 0) refuse(config.source, "split val", "of at least one labelled row", "none");
  const present = new Set(source.labels(train));
  const absent = classes.find((_, k) => !present.has(k));
  if (absent !== undefined)
    refuse(config.source, "split train", "one that holds every class", `no row of ${absent}`);
  const held = new Set(source.labels(val));
  if (held.size < 2)
    throw new ArcletError({
      where: config.source,
      code: "conflict",
      problem: `the labelled rows of split val are of ${classes[[...held][0]!]} alone, and validators compare classes`,
      fix: "split the dataset again (arclet split)",
    });
  const targetRows = target?.rows(...config.targetSplits) ?? new Int32Array();
  if (target !== null && targetRows.length === 0)
    refuse(config.target!, "targetSplits", "splits that hold rows", config.targetSplits);
  return { train, val, target: targetRows };
}
