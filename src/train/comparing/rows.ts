/** The rows that a comparison's runs are judged on, kept beside them: tables can be made again without the dataset. */
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
  /** Its classes; labels are places in them. */
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

export const writeRows = (out: string, of: ScoredRows, rows: LabelledRows): void =>
  writeFileWhole(join(out, FILES[of]), `${JSON.stringify(rows)}\n`);

/** @throws ArcletError naming the file when it is missing or wrong */
export function readRows(out: string, of: ScoredRows): LabelledRows {
  const path = join(out, FILES[of]);
  const parsed = labelledRows.safeParse(readJson(path));
  if (!parsed.success)
    throw new ArcletError({ where: path, code: "broken", problem: "is not a comparison's table of rows" });
  return parsed.data;
}

/**
 * 1 for rows of a class, 0 for the others.
 *
 * @throws ArcletError when the class is not among the rows'
 */
export function positivesOf({ classes, labels, dataset }: LabelledRows, positive: string): Uint8Array {
  const place = classes.indexOf(positive);
  if (place < 0)
    throw new ArcletError({
      where: dataset,
      code: "unknown",
      problem: `has no class ${positive} (${classes.join(", ")})`,
    });
  return Uint8Array.from(labels, (label) => Number(label === place));
}
