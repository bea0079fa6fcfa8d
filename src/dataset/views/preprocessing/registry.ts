/** Every kind of preprocessing, by name. */
import { z } from "zod";
import { asinh } from "./asinh.ts";
import { humvi, lupton } from "./display.ts";
import { log } from "./log.ts";
import { minmax, minmaxLog } from "./minmax.ts";
import { standardise } from "./standardise.ts";
import { unit } from "./unit.ts";
import { zscale } from "./zscale.ts";

export const kinds = {
  unit,
  standardise,
  minmax,
  "minmax-log": minmaxLog,
  asinh,
  log,
  zscale,
  lupton,
  humvi,
} as const;

/** A preprocessing as stored in a model's file. */
export const preprocessing = z.discriminatedUnion("kind", [
  unit.schema,
  standardise.schema,
  minmax.schema,
  minmaxLog.schema,
  asinh.schema,
  log.schema,
  zscale.schema,
  lupton.schema,
  humvi.schema,
]);

export type Preprocessing = z.output<typeof preprocessing>;
export type PreprocessingKind = Preprocessing["kind"];
export const PREPROCESSING_KINDS = Object.keys(kinds) as [PreprocessingKind, ...PreprocessingKind[]];

/** What the kinds do, in a sentence for help. */
export const preprocessingsText: string = Object.entries(kinds)
  .map(([name, { summary, pixels }]) => `${name}${pixels === "any" ? "" : ` (${pixels})`}: ${summary}`)
  .join("; ");
