/** The settings of `arclet probe`. */
import { z } from "zod";
import { count, seed, text } from "../../foundation/field.ts";
import { deviceField } from "../../train/device.ts";
import { gradingFields } from "../../train/grading-fields.ts";
import { FEATURES } from "../features/features-field.ts";

export const probeConfig = z.strictObject({
  target: text("the dataset whose rows were graded"),
  model: text("the finder, run or model file whose encoder sees them (none: with --features)", {
    default: null,
  }),
  features: text(`a table of features that another program made of the dataset's rows: ${FEATURES}`, {
    default: null,
  }),
  graded: text("grades of the dataset's rows, a table with ids: CSV, TSV, Parquet, VOTable or FITS"),
  ...gradingFields,
  folds: count("parts of the graded groups, each judged by a probe of the others", {
    least: 2,
    most: 20,
    default: 5,
  }),
  seed: seed("deals the groups to the folds"),
  device: deviceField,
  out: text("the folder to write", { default: "probe" }),
});

export type ProbeConfig = z.output<typeof probeConfig>;
