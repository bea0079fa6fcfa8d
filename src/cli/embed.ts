/** `arclet embed`: what networks make of two domains: feature space drawn, probed, and searched for neighbours. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { SPLITS } from "../data/index.ts";
import { refuse } from "../foundation/errors.ts";
import { command } from "./command.ts";
import { closeDomains, openDomains } from "./embed-domains.ts";
import { writeEmbedding } from "./embed-report.ts";
import { embedRuns } from "./embed-runs.ts";
import { provenance } from "./provenance.ts";

const schema = z.strictObject({
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

export type EmbedValues = z.output<typeof schema>;

export const embed = command({
  details:
    "Features are those between head and classifier, on which domains are aligned. They are drawn by principal components " +
    "and by UMAP, a column a run, coloured by domain and by class. A cross-validated linear probe says how well the first " +
    "dataset can be told from each other one (0.5: aligned, as far as a plane can tell), and how well the class can. " +
    "Labels of all but the first dataset stay unread unless --labelled names it, and those of test splits always do.",
  schema,
  positionals: ["data"],
  example: "arclet embed data/source data/target --runs runs/adda --most 60 --folds 2 --out embedding",
  async run(values) {
    const { out, runs, data, projection } = values;
    if (existsSync(out)) refuse("embed", "out", "a name that is not taken", out);
    for (const [what, list] of Object.entries({ runs, data, projection }))
      if (new Set(list).size < list.length) refuse("embed", what, "all different", list);
    const domains = await openDomains(values);
    try {
      const embedded = await embedRuns(domains, values);
      await writeEmbedding(out, domains, embedded, values, provenance("embed"));
    } finally {
      closeDomains(domains);
    }
  },
});
