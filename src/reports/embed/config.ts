/** The settings of `arclet embed`. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";
import { FEATURES } from "../../evaluate/features/features-field.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { choices, count, seed, text, texts } from "../../foundation/field.ts";

export const embedConfig = z.strictObject({
  data: texts("dataset folders, the source first"),
  runs: texts(
    "run folders, model files or finders, e.g. before and after adaptation: runs/source,runs/adapted",
    { least: 0, default: [] },
  ),
  features: texts(
    `tables of features that other programs made of the datasets' rows, each shown as a run is: ${FEATURES}`,
    { least: 0, default: [] },
  ),
  out: text("the folder to write", { default: "embedding" }),
  sourceRun: text(
    "run whose network gives the first dataset's features, as ADDA's source network does (none: each run's own)",
    { default: null },
  ),
  labelled: texts("datasets whose labels may be read, in the splits train and val only (none: the first)", {
    least: 0,
    default: null,
  }),
  splits: choices(SPLITS, "splits to take images from", { default: [...SPLITS] }),
  most: count("most images of a dataset to draw and probe, chosen at random", { least: 10, default: 500 }),
  positive: positiveField("the positive class of the probe"),
  folds: count("folds of the cross-validation, by group", { least: 2, most: 20, default: 5 }),
  projection: choices(["pca", "umap"], "how to draw features", { default: ["pca", "umap"] }),
  umapNeighbours: count("UMAP: number of neighbours to keep near", { least: 2, most: 200, default: 15 }),
  neighbours: texts("ids of objects whose nearest neighbours in feature space to find, in all datasets", {
    least: 0,
    default: null,
  }),
  count: count("neighbours of each object", { most: 100, default: 12 }),
  seed: seed(),
});

export type EmbedValues = z.output<typeof embedConfig>;
