/** What `arclet score` asks for. */
import { z } from "zod";
import { SPLITS } from "../dataset/info.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { calibrationFields } from "../train/calibration-fields.ts";
import { deviceField } from "../train/device.ts";

export const scoreConfig = z.strictObject({
  data: z.string().min(1).describe("the dataset folder to score; labels in it are not read"),
  models: z.array(z.string().min(1)).min(1).describe("run folders or model files"),
  out: z
    .string()
    .min(1)
    .default("scores.csv")
    .describe("the table to write: .csv, .tsv, .parquet, .vot, .fits, or .reg of DS9 regions"),
  radius: z
    .number()
    .positive()
    .default(2.5)
    .describe("of the circles of DS9 regions")
    .meta({ unit: "arcsec" }),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that is looked for (none: lens, else the last)"),
  device: deviceField,
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("float32")
    .describe(
      "of the network's arithmetic; auto takes the faster one here, and scores differ in the third digit",
    ),
  splits: z
    .array(z.enum(SPLITS))
    .min(1)
    .default([...SPLITS])
    .describe("splits to score"),
  ...calibrationFields,
  ...fittingFields,
});
