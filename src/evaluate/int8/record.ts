/** What is written beside a model in 8 bits: of which model and data it is, and how far its scores are from float32's. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { readJson } from "../../foundation/files.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().min(0);
const ofBoth = z.strictObject({ float32: z.number(), int8: z.number() });

export const int8Record = z.strictObject({
  format: z.literal(1),
  /** SHA-256 of the .onnx file. */
  sha256,
  /** SHA-256 of the model's file. */
  model: sha256,
  /** The images that ranges were taken from, and on which the loss was measured; none is in both. */
  data: z.strictObject({ name: z.string(), folder: z.string(), contentHash: z.string() }),
  calibrated: whole,
  heldOut: whole,
  /** Convolutions in 8 bits, and the first ones that were left in float32. */
  convolutions: whole,
  leftInFloat32: whole,
  /** Whether sums go into further sums in float32; records of 0.2 have none, and do not. */
  sumsInFloat32: z.boolean().default(false),
  /** 7 where a processor without VNNI made it and 8 were not as good; records of 0.2 have none, and are of 8. */
  weightBits: z.union([z.literal(7), z.literal(8)]).default(8),
  /** Of the positive class on held-out rows with a label; null if they are not of both kinds. */
  auroc: ofBoth.nullable(),
  /** Spearman's, of the log odds. */
  rankCorrelation: z.number(),
  /** By ONNX Runtime on the machine that made it. */
  imagesPerSecond: ofBoth,
  versions: z.record(z.string(), z.string()),
});

export type Int8Record = z.output<typeof int8Record>;

/** The default file of a run. */
export const INT8_FILE = "model-int8.onnx";

/** The record's file. @throws ArcletError for a file of another extension */
export function recordFile(file: string): string {
  if (!file.endsWith(".onnx")) refuse("int8", "int8", "a file that ends in .onnx", file);
  return `${file.slice(0, -".onnx".length)}.json`;
}

/** Whether a file is a record, and not somebody's other file. */
export function isRecord(path: string): boolean {
  try {
    return int8Record.safeParse(readJson(path)).success;
  } catch {
    return false;
  }
}

/**
 * The record of a file in 8 bits, if it may be used for a model.
 *
 * @param model the model's file
 * @throws ArcletError when it is of another model, was changed, or the data behind it have changed
 */
export function usableRecord(file: string, model: string): Int8Record {
  if (!existsSync(file))
    throw new ArcletError({
      where: file,
      code: "absent",
      problem: `is not there: it holds ${model} in 8 bits`,
      fix: "arclet export-model --int8 FILE --calibrate DATASET writes it, and --int8 names it",
    });
  const path = recordFile(file);
  const record = checked(path, int8Record, readJson(path), { whole: "the record", code: "broken" });
  const again = "quantise the model again (arclet export-model --int8)";
  if (record.model !== fileHash(model))
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `was made of another model than ${model}`,
      fix: again,
    });
  if (record.sha256 !== fileHash(file))
    throw new ArcletError({
      where: file,
      code: "broken",
      problem: `is not the file that ${path} describes`,
      fix: again,
    });
  const info = join(record.data.folder, INFO_FILE);
  if (existsSync(info) && readInfo(info).contentHash !== record.data.contentHash)
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `was calibrated on ${record.data.folder}, which has changed since`,
      fix: again,
    });
  return record;
}
