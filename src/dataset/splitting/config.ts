/** The settings of `split`. */
import { z } from "zod";
import { choice, count, number, seed, text } from "../../foundation/field.ts";
import { ALIKE } from "./leaks/find.ts";

const part = z.number().min(0).max(1);

/** The settings of `arclet split`. */
export const resplitConfig = z.strictObject({
  dataset: text("the dataset folder to split; it stays as it is"),
  out: text("the dataset folder to write; for all folds, a folder with one for each: fold-0, fold-1, …"),
  fractions: z
    .tuple([part, part, part])
    .nullable()
    .default(null)
    .describe("fractions of train, val and test, with sum 1, e.g. 0.7,0.1,0.2"),
  folds: count("split into this many folds instead; each is the test split of one dataset", {
    least: 2,
    default: null,
  }),
  fold: count("write only the dataset whose test split is this fold, from 0 (none: all)", {
    least: 0,
    default: null,
  }),
  valFraction: number("with folds: the fraction of the rows outside the test fold to make val", {
    least: 0,
    below: 1,
    default: 0.1,
  }),
  seed: seed("seed of the split"),
  stratify: z
    .string()
    .min(1)
    .nullable()
    .default("label")
    .describe(
      "the column whose values are spread over the splits in proportion; unused if there are no labels",
    ),
  groupSky: number("keep together objects linked by steps of at most this on the sky", {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  groupId: text("keep together ids in which this pattern's first group matches the same, e.g. '^(\\w+?)_'", {
    default: null,
  }),
  groupPixels: choice(
    ["identical", "alike"],
    "keep together identical images, or nearly identical ones too",
    { default: "identical" },
  ),
  alike: number("smallest correlation of the fingerprints of nearly identical images", {
    above: 0,
    most: 1,
    default: ALIKE,
  }),
});

/** Values of `resplitConfig`. */
export type ResplitConfig = z.output<typeof resplitConfig>;
