/** What `arclet embed` asks for. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";

export const embedConfig = z.strictObject({
  data: z.array(z.string().min(1)).min(1).describe("dataset folders, the source first"),
  runs: z
    .array(z.string().min(1))
    .min(1)
    .describe("run folders or model files, e.g. before and after adaptation: runs/source,runs/adda"),
  out: z.string().min(1).default("embedding").describe("the folder to write"),
  sourceRun: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "run whose network sees the first dataset throughout, as ADDA's source network does (none: each run's own)",
    ),
  labelled: z
    .array(z.string().min(1))
    .nullable()
    .default(null)
    .describe("datasets whose labels may be read, of the splits train and val only (none: the first)"),
  splits: z
    .array(z.enum(SPLITS))
    .min(1)
    .default([...SPLITS])
    .describe("splits to take images of"),
  most: z
    .number()
    .int()
    .min(10)
    .default(500)
    .describe("most images of a dataset drawn and probed, at random"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that the class probe looks for (none: lens, else the last)"),
  folds: z.number().int().min(2).max(20).default(5).describe("parts for cross-validation, by group"),
  projection: z
    .array(z.enum(["pca", "umap"]))
    .min(1)
    .default(["pca", "umap"])
    .describe("how features are drawn"),
  umapNeighbours: z.number().int().min(2).max(200).default(15).describe("UMAP: neighbours that stay near"),
  neighbours: z
    .array(z.string().min(1))
    .nullable()
    .default(null)
    .describe("ids of objects whose nearest neighbours in feature space are looked for, in all the datasets"),
  count: z.number().int().min(1).max(100).default(12).describe("neighbours of each"),
  seed: z.number().int().min(0).default(0).describe("one seed gives one result"),
});

export type EmbedValues = z.output<typeof embedConfig>;
