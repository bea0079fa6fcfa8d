/** A run's datasets: the labelled source, the target without its labels, and the rows of both that it uses. */
import { type Dataset, type LabelledDomain, openDataset } from "../../dataset/dataset.ts";
import { openGraded } from "../../dataset/graded/graded-dataset.ts";
import { MixedDataset } from "../../dataset/mixed.ts";
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import type { Closing } from "../../foundation/closing.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { TrainConfig } from "../config.ts";
import { type LeakMark, leakOf } from "../leak.ts";
import { readModelInfo } from "../model.ts";
import { bandsOf, likeModel, likeSource, refuseUnlike } from "./alike.ts";
import { gradedRowsOf, lensOf, type RunGrades, runGrades } from "./graded.ts";
import { kindsOf } from "./kinds.ts";

export interface RunData {
  source: LabelledDomain;
  /** The datasets that the source is mixed of, each with its folder as the user named it; one or more. */
  sources: readonly { folder: string; dataset: Dataset }[];
  /** Without the graded rows and those of their groups. */
  target: UnlabelledDataset | null;
  graded: RunGrades | null;
  /** Kinds of the source's rows, null of one without; null if `classesBy` asks for none. */
  kinds: readonly (string | null)[] | null;
  /** Labelled rows of the source by split, and rows of the target (empty without one). */
  rows: { train: Int32Array; val: Int32Array; target: Int32Array };
  /** What the datasets share and must not; null for nothing. */
  leak: LeakMark | null;
}

/** @throws ArcletError for files that have changed since they were written, a leak that is not allowed, a source that lacks a class or a split, an empty target */
export async function openData(config: TrainConfig, closing: Closing): Promise<RunData> {
  // The order of a starting model's bands comes before the source's.
  const model = config.from === null ? undefined : likeModel(config.from, readModelInfo(config.from).info);
  const first = closing.add(
    await openDataset(config.source, model && bandsOf(model, config.source)),
    (dataset) => dataset.close(),
  );
  const sources = [
    { folder: config.source, dataset: first },
    ...(await furtherSources(config, first, closing)),
  ];
  refuseParts(config, sources.length);
  const source = sources.length === 1 ? first : new MixedDataset(sources.map(({ dataset }) => dataset));
  const { target, graded } = await targetOf(config, source, closing);
  for (const { dataset } of sources) await dataset.verify();
  if (target !== null && sources.every(({ dataset }) => dataset.folder !== target.folder))
    await target.verify();
  const folders = [
    ...sources.map(({ folder }) => folder),
    ...(config.target === null ? [] : [config.target]),
  ];
  const leak = await leakOf(folders, config.allowLeak);
  const kinds = config.classesBy === null ? null : kindsOf(sources, config.classesBy);
  return { source, sources, target, graded, kinds, rows: rowsOf(config, source, target), leak };
}

/** @throws ArcletError for a source that doesn't fit the first, or has no rows to draw from */
async function furtherSources(
  { source, also }: TrainConfig,
  first: Dataset,
  closing: Closing,
): Promise<RunData["sources"]> {
  const sources = [];
  for (const folder of also ?? []) {
    const dataset = closing.add(
      await openDataset(folder, bandsOf(likeSource(source, folder, first.info), folder)),
      (opened) => opened.close(),
    );
    refuseUnlike({ folder: source, info: first.info }, { folder, info: dataset.info });
    if (dataset.info.classes.join() !== first.info.classes.join())
      refuse(folder, "classes", `${first.info.classes.join(", ")}, as in ${source}`, dataset.info.classes);
    if (dataset.labelledRows("train").length === 0)
      refuse(folder, "split train", "of at least one labelled row", "none");
    sources.push({ folder, dataset });
  }
  return sources;
}

/** @throws ArcletError unless there is one part for each source, with sum 1 */
function refuseParts({ parts }: TrainConfig, sources: number): void {
  if (parts === null) return;
  if (sources === 1) refuse("train", "parts", "given with --also", parts);
  const sum = parts.reduce((a, b) => a + b, 0);
  if (parts.length !== sources || Math.abs(sum - 1) > 1e-6)
    refuse("train", "parts", `${sources} shares with sum 1, one for each source`, parts);
}

/** The target's roles: what is graded is not in the unlabelled one. */
async function targetOf(
  config: TrainConfig,
  source: LabelledDomain,
  closing: Closing,
): Promise<Pick<RunData, "target" | "graded">> {
  const { source: folder, target } = config;
  if (target === null) return { target: null, graded: null };
  const take = bandsOf(likeSource(folder, target, source.info), target);
  const rows = await gradedRowsOf(config);
  const without = rows === null ? [] : [...rows.rows, ...rows.left];
  const unlabelled = closing.add(await openUnlabelled(target, take, without), (opened) => opened.close());
  if (rows === null) return { target: unlabelled, graded: null };
  const whole = closing.add(await openGraded(target, rows, lensOf(source.info), take), (opened) =>
    opened.close(),
  );
  return { target: unlabelled, graded: runGrades(config, rows, whole) };
}

function rowsOf(
  config: TrainConfig,
  source: LabelledDomain,
  target: UnlabelledDataset | null,
): RunData["rows"] {
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
    refuse(
      config.target!,
      "targetSplits",
      config.graded === null ? "splits that hold rows" : "splits that hold rows which are not graded",
      config.targetSplits,
    );
  return { train, val, target: targetRows };
}
