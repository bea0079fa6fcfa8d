/** The rows that a comparison's runs are judged on, kept with them, so that its tables don't need the dataset. */
import { join } from "node:path";
import { z } from "zod";
import type { Dataset, Rows } from "../../dataset/dataset.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import type { ScoredRows } from "./scores.ts";

const labelledRows = z.strictObject({
  format: z.literal(1),
  /** The dataset's name and content hash, and its split. */
  dataset: z.string(),
  contentHash: z.string(),
  split: z.string(),
  /** The dataset's classes; labels are class indices. */
  classes: z.array(z.string()),
  ids: z.array(z.string()),
  groups: z.array(z.string()),
  labels: z.array(z.number().int().min(0)),
});
export type LabelledRows = z.output<typeof labelledRows>;

const FILES: Record<ScoredRows, string> = { test: "test-rows.json", val: "source-val-rows.json" };

/** Labels, ids and groups of a dataset's rows. */
export function labelledRowsOf(dataset: Dataset, split: string, rows: Rows): LabelledRows {
  const { name, contentHash, classes } = dataset.info;
  return {
    ...{ format: 1 as const, dataset: name, contentHash, split, classes: [...classes] },
    ids: Array.from(rows, (row) => dataset.ids[row]!),
    groups: Array.from(rows, (row) => dataset.groups[row]!),
    labels: Array.from(dataset.labels(rows)),
  };
}

export const writeRows = (out: string, kind: ScoredRows, rows: LabelledRows): void =>
  writeFileWhole(join(out, FILES[kind]), `${JSON.stringify(rows)}\n`);

/** @throws ArcletError naming the file when it is missing or wrong */
export function readRows(out: string, kind: ScoredRows): LabelledRows {
  const path = join(out, FILES[kind]);
  const parsed = labelledRows.safeParse(readJson(path));
  if (!parsed.success)
    throw new ArcletError({ where: path, code: "broken", problem: "is not a comparison's table of rows" });
  return parsed.data;
}

/**
 * 1 for rows of a class, 0 for others.
 *
 * @throws ArcletError when the dataset has no such class
 */
export function positivesOf({ classes, labels, dataset }: LabelledRows, positive: string): Uint8Array {
  const classIndex = classes.indexOf(positive);
  if (classIndex < 0)
    throw new ArcletError({
      where: dataset,
      code: "unknown",
      problem: `has no class ${positive} (${classes.join(", ")})`,
    });
  return Uint8Array.from(labels, (label) => Number(label === classIndex));
}
