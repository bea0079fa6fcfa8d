/** What `split` can be told. */
import { z } from "zod";
import { ALIKE } from "./leaks/find.ts";

const part = z.number().min(0).max(1);

export const resplitConfig = z.strictObject({
  dataset: z.string().min(1).describe("the dataset folder to divide; it stays as it is"),
  out: z
    .string()
    .min(1)
    .describe("the dataset folder to write; of all folds: a folder for each, fold-0 and on"),
  fractions: z
    .tuple([part, part, part])
    .nullable()
    .default(null)
    .describe("parts of train, val and test, sum 1, e.g. 0.7,0.1,0.2"),
  folds: z
    .number()
    .int()
    .min(2)
    .nullable()
    .default(null)
    .describe("divide into so many folds instead; each is the test of one dataset"),
  fold: z
    .number()
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe("write only the dataset whose test is this fold, from 0 (none: all)"),
  valFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("with folds: part of the rows outside the test fold to make val"),
  seed: z.number().int().min(0).default(0).describe("seed of the division"),
  stratify: z
    .string()
    .min(1)
    .nullable()
    .default("label")
    .describe("the column whose values every split gets its part of; a dataset without labels does without"),
  groupSky: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("keep together what is linked by steps of at most this on the sky")
    .meta({ unit: "arcsec" }),
  groupId: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("keep together ids of which this pattern's first bracket holds the same, e.g. '^(\\w+?)_'"),
  groupPixels: z
    .enum(["identical", "alike"])
    .default("identical")
    .describe("keep together identical images, or nearly identical ones too"),
  alike: z
    .number()
    .gt(0)
    .max(1)
    .default(ALIKE)
    .describe("smallest correlation of the fingerprints of nearly identical images"),
});

export type ResplitConfig = z.output<typeof resplitConfig>;
