/** What `arclet evaluate` asks for. */
import { z } from "zod";
import { fittingFields } from "../../dataset/views/fitting/config.ts";
import { THRESHOLD_FORMS } from "../../evaluate/threshold.ts";
import { calibrationFields } from "../../train/calibration-fields.ts";

export const evaluateConfig = z.strictObject({
  inputs: z
    .array(z.string().min(1))
    .min(1)
    .describe("run folders (with --data), or score tables (with --truth)"),
  out: z.string().min(1).describe("the folder for metrics.json and report.html"),
  data: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the labelled dataset whose sealed split is opened"),
  split: z.enum(["val", "test"]).default("test").describe("the split that is opened"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that is looked for (none: lens, else the last)"),
  truth: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a table with ids: CSV, TSV, Parquet, VOTable or FITS"),
  positives: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("which of its rows are positives, e.g. 'grade >= 2'"),
  negatives: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("which of its rows are negatives, e.g. 'grade <= 0.7'"),
  name: z.string().min(1).default("test").describe("what the test is called, e.g. look-alikes"),
  threshold: z
    .string()
    .min(1)
    .default("0.5")
    .describe(
      `score from which on a row is selected, for the confusion matrix and completeness: ${THRESHOLD_FORMS}; source is ` +
        "chosen on the source's validation rows, fpr and top on the tested rows",
    ),
  top: z
    .array(z.number().int().min(1))
    .default([10, 100, 1000])
    .describe("lengths of the list, from its top, for purity and completeness"),
  prevalence: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default([1e-3])
    .describe("shares of positives in the sky, for the purity that is to be expected there"),
  ...calibrationFields,
  ...fittingFields,
});

export type EvaluateValues = z.output<typeof evaluateConfig>;
