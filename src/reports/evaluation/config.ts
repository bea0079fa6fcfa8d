/** The settings of `arclet evaluate`. */
import { z } from "zod";
import { fittingFields } from "../../dataset/views/fitting/config.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { THRESHOLD_FORMS } from "../../evaluate/threshold.ts";
import { choice, list, text, texts, yes } from "../../foundation/field.ts";
import { calibrationFields } from "../../train/calibration-fields.ts";

export const evaluateConfig = z.strictObject({
  inputs: texts("run folders or finders (with --data), or score tables (with --truth)"),
  out: text("the folder for metrics.json and report.html"),
  data: text("the labelled dataset whose sealed split is opened", { default: null }),
  split: choice(["val", "test"], "the split that is opened", { default: "test" }),
  positive: positiveField(),
  truth: text("a table with ids: CSV, TSV, Parquet, VOTable or FITS", { default: null }),
  positives: text("which of its rows are positives, e.g. 'grade >= 2'", { default: null }),
  negatives: text("which of its rows are negatives, e.g. 'grade <= 0.7'", { default: null }),
  withoutGraded: yes(
    "leave out rows that share an id, group, sky position or image with rows whose grades a finder learned from; they are " +
      "refused else (graded rows of the dataset itself are no part of its test in any case)",
  ),
  name: text("what the test is called, e.g. look-alikes", { default: "test" }),
  threshold: text(
    `score from which a row is selected, for the confusion matrix and completeness: ${THRESHOLD_FORMS}; source is chosen ` +
      "on the source's validation rows, fpr and top on the tested rows",
    { default: "0.5" },
  ),
  top: list(z.number().int().min(1), "purity and completeness of the N highest scores, for these N", {
    least: 0,
    default: [10, 100, 1000],
  }),
  prevalence: list(z.number().gt(0).lt(1), "shares of positives in the sky, to predict the purity there", {
    default: [1e-3],
  }),
  ...calibrationFields,
  ...fittingFields,
});

export type EvaluateValues = z.output<typeof evaluateConfig>;
