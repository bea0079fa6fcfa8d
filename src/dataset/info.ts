/** `dataset.json`: what a dataset folder says about itself. */
import { z } from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { readJson } from "../foundation/files.ts";

export const FORMAT = 1;
export const INFO_FILE = "dataset.json";
export const TABLE_FILE = "table.parquet";

/** The splits, in their order. */
export const SPLITS = ["train", "val", "test"] as const;
/** What a row is for: training, choosing (`val`), or the sealed test. */
export type Split = (typeof SPLITS)[number];

const whole = z.number().int().positive();
const names = z.array(z.string().min(1)).refine(allDifferent, "all different");

export const datasetInfo = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string().min(1),
  /** The survey whose images these are, or are simulated to be, e.g. `cfhtls`. */
  survey: z.string().min(1).nullable(),
  /** One name per channel, in the channels' order. */
  bands: names.min(1),
  /** Arcsec per pixel. */
  pixelScale: z.number().positive(),
  /** AB magnitude of one unit of flux, if known and the same for all images. */
  zeroPoint: z.number().optional(),
  /** Names of the classes, in the order of a network's outputs; none for an unlabelled dataset. */
  classes: names.refine((list) => list.length !== 1, "none, or two or more"),
  /** `flux`: float32, linear. `display`: uint8, stretched. */
  pixels: z.enum(["flux", "display"]),
  /** Shape of one image: [C, H, W]. */
  shape: z.tuple([whole, whole, whole]),
  count: whole,
  shards: z.array(z.strictObject({ file: z.string().regex(/^images-\d{5}\.npy$/), rows: whole })).min(1),
  /** Where it comes from: command, seed, versions, source files with their hashes. */
  provenance: z.record(z.string(), z.json()),
  /** SHA-256 of what `sha256sum images-*.npy table.parquet` prints in the folder. */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The contents of `dataset.json`. */
export type DatasetInfo = z.output<typeof datasetInfo>;

/** What pixels hold: `flux` (float32, linear) or `display` (uint8, made for the eye). */
export type PixelKind = DatasetInfo["pixels"];

/**
 * Reads and checks a `dataset.json`, without the files that it lists.
 *
 * @throws ArcletError naming the file and the first wrong key
 */
export function readInfo(path: string): DatasetInfo {
  const raw = readJson(path);
  const format = (raw as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > FORMAT)
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: `is dataset format ${format}; this Arclet reads format ${FORMAT}`,
    });
  const info = checked(path, datasetInfo, raw, { code: "broken" });
  if (info.shape[0] !== info.bands.length)
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `shape has ${info.shape[0]} channels, bands has ${info.bands.length} names`,
    });
  const inShards = info.shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (inShards !== info.count)
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `count is ${info.count}, the shards hold ${inShards} images`,
    });
  info.shards.forEach((shard, i) => {
    if (shard.file !== shardName(i))
      throw new ArcletError({ where: path, code: "broken", problem: `shard ${i} must be ${shardName(i)}` });
  });
  return info;
}

export const shardName = (index: number): string => `images-${String(index).padStart(5, "0")}.npy`;

function allDifferent(list: string[]): boolean {
  return new Set(list).size === list.length;
}
