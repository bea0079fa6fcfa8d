/** What `arclet embed` asks for. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { choices, count, seed, text, texts } from "../../foundation/field.ts";

export const embedConfig = z.strictObject({
  data: texts("dataset folders, the source first"),
  runs: texts("run folders or model files, e.g. before and after adaptation: runs/source,runs/adda"),
  out: text("the folder to write", { default: "embedding" }),
  sourceRun: text(
    "run whose network sees the first dataset throughout, as ADDA's source network does (none: each run's own)",
    { default: null },
  ),
  labelled: texts("datasets whose labels may be read, of the splits train and val only (none: the first)", {
    least: 0,
    default: null,
  }),
  splits: choices(SPLITS, "splits to take images of", { default: [...SPLITS] }),
  most: count("most images of a dataset drawn and probed, at random", { least: 10, default: 500 }),
  positive: positiveField("class that the class probe looks for"),
  folds: count("parts for cross-validation, by group", { least: 2, most: 20, default: 5 }),
  projection: choices(["pca", "umap"], "how features are drawn", { default: ["pca", "umap"] }),
  umapNeighbours: count("UMAP: neighbours that stay near", { least: 2, most: 200, default: 15 }),
  neighbours: texts(
    "ids of objects whose nearest neighbours in feature space are looked for, in all the datasets",
    { least: 0, default: null },
  ),
  count: count("neighbours of each", { most: 100, default: 12 }),
  seed: seed(),
});

export type EmbedValues = z.output<typeof embedConfig>;
