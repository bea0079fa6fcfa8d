/** The settings of `arclet cascade`. */
import { z } from "zod";
import { choice, count, number, seed, text, texts } from "../../foundation/field.ts";
import { deviceField } from "../../train/device.ts";
import { positiveField } from "../positive.ts";

export const cascadeConfig = z.strictObject({
  finder: text(
    "the finder behind it: a run's folder, a model's file, or a finder that `arclet finders` lists",
  ),
  data: texts(
    "datasets that the small network learns from: the survey's own images, and lens-rich ones (simulated or painted), since " +
      "lenses are rare; labels and test rows are not read",
  ),
  out: text("the folder to write", { default: "cascade" }),
  threshold: number("the finder's score from which on an image must not be rejected", {
    above: 0,
    below: 1,
    default: 0.5,
  }),
  loss: number("share of the images above it that may be rejected", { above: 0, below: 1, default: 0.005 }),
  promisedOn: texts(
    "those of DATA whose images above the threshold the loss is promised for: lens-rich ones, where most of them are lenses; of " +
      "a survey's own images most of them are what the finder mistakes for lenses (none: all of DATA)",
    { default: null },
  ),
  rows: count("most rows of a dataset that the finder scores for this; more are thinned evenly", {
    default: 50_000,
  }),
  scores: text(
    "a file that keeps the finder's scores, so that stopped work goes on, and another loss, threshold or seed doesn't ask the " +
      "finder again (none: they are not kept)",
    { default: null },
  ),
  epochs: count("epochs that the small network learns for", { default: 24 }),
  positive: positiveField("the class whose probability is the finder's score"),
  device: deviceField,
  precision: choice(
    ["auto", "float32", "bfloat16"],
    "precision of the finder's arithmetic here, and of the small network's whenever it scores",
    {
      default: "float32",
    },
  ),
  seed: seed(),
});

export type CascadeConfig = z.output<typeof cascadeConfig>;
