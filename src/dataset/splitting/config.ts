/** What `split` can be told. */
import { z } from "zod";
import { choice, count, number, seed, text } from "../../foundation/field.ts";
import { ALIKE } from "./leaks/find.ts";

const part = z.number().min(0).max(1);

export const resplitConfig = z.strictObject({
  dataset: text("the dataset folder to divide; it stays as it is"),
  out: text("the dataset folder to write; of all folds: a folder for each, fold-0 and on"),
  fractions: z
    .tuple([part, part, part])
    .nullable()
    .default(null)
    .describe("parts of train, val and test, sum 1, e.g. 0.7,0.1,0.2"),
  folds: count("divide into so many folds instead; each is the test of one dataset", {
    least: 2,
    default: null,
  }),
  fold: count("write only the dataset whose test is this fold, from 0 (none: all)", {
    least: 0,
    default: null,
  }),
  valFraction: number("with folds: part of the rows outside the test fold to make val", {
    least: 0,
    below: 1,
    default: 0.1,
  }),
  seed: seed("seed of the division"),
  stratify: z
    .string()
    .min(1)
    .nullable()
    .default("label")
    .describe("the column whose values every split gets its part of; a dataset without labels does without"),
  groupSky: number("keep together what is linked by steps of at most this on the sky", {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  groupId: text("keep together ids of which this pattern's first bracket holds the same, e.g. '^(\\w+?)_'", {
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

export type ResplitConfig = z.output<typeof resplitConfig>;
