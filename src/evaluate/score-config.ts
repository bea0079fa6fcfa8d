/** The settings of `arclet score`. */
import { z } from "zod";
import { SPLITS } from "../dataset/info.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { choice, choices, number, text, texts } from "../foundation/field.ts";
import { calibrationFields } from "../train/calibration-fields.ts";
import { deviceField } from "../train/device.ts";
import { positiveField } from "./positive.ts";

export const scoreConfig = z.strictObject({
  data: text("the dataset folder to score; labels in it are not read"),
  models: texts("run folders, model files or finders that `arclet finders` lists"),
  out: text("the table to write: .csv, .tsv, .parquet, .vot, .fits, or .reg of DS9 regions", {
    default: "scores.csv",
  }),
  radius: number("radius of the circles in DS9 regions", { above: 0, default: 2.5, unit: "arcsec" }),
  positive: positiveField(),
  device: deviceField,
  precision: choice(
    ["auto", "float32", "bfloat16"],
    "precision of the network's arithmetic; auto takes the faster here, and scores differ in the third digit",
    { default: "float32" },
  ),
  splits: choices(SPLITS, "splits to score", { default: [...SPLITS] }),
  ...calibrationFields,
  ...fittingFields,
});
