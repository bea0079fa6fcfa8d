/** The settings of `arclet score`. */
import { z } from "zod";
import { SPLITS } from "../dataset/info.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { choice, choices, number, text, texts, yes } from "../foundation/field.ts";
import { calibrationFields } from "../train/calibration-fields.ts";
import { deviceField } from "../train/device.ts";
import { positiveField } from "./positive.ts";

export const scoreConfig = z.strictObject({
  data: text("the dataset folder to score; labels in it are not read"),
  models: texts(
    "run folders, model files or finders that `arclet finders` lists; one combination that `arclet combine` fitted, or one " +
      "cascade that `arclet cascade` made",
  ),
  out: text("the table to write: .csv, .tsv, .parquet, .vot, .fits, or .reg of DS9 regions", {
    default: "scores.csv",
  }),
  radius: number("radius of the circles in DS9 regions", { above: 0, default: 2.5, unit: "arcsec" }),
  positive: positiveField(),
  device: deviceField,
  precision: choice(
    ["auto", "float32", "bfloat16", "int8"],
    "precision of the network's arithmetic; auto takes the faster of float32 and bfloat16 here, and scores differ in the third digit; " +
      "int8 runs what export-model --int8 wrote",
    { default: "float32" },
  ),
  int8: texts(
    "with --precision int8: the files that export-model --int8 wrote, one a model (none: model-int8.onnx in each run's folder)",
    { default: null },
  ),
  tta: yes(
    "average logits over the eight ways to turn and mirror an image, which takes eight times as long; a model whose scores don't " +
      "change with that is left as it is",
  ),
  splits: choices(SPLITS, "splits to score", { default: [...SPLITS] }),
  inputs: texts(
    "with a combination: where the scores of its finders come from, NAME=MODEL (of one name several are averaged) or " +
      "NAME=FILE:COLUMN (none: the models that it names)",
    { default: null },
  ),
  prevalence: number("with a combination: share of lenses among the images (none: the combination's)", {
    above: 0,
    below: 1,
    default: null,
  }),
  ...calibrationFields,
  ...fittingFields,
});

export type ScoreConfig = z.output<typeof scoreConfig>;
