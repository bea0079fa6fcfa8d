/** What `arclet compare` asks for. */
import { z } from "zod";
import { methodNames } from "../../adapt/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { DEFAULT_ENCODER } from "../config.ts";
import { DEFAULT_ROWS, DEFAULT_SEEDS, ENSEMBLE_KINDS } from "./spec.ts";

/** The folder of runs and tables where none is given. */
export const DEFAULT_OUT = "runs/compare";

export const compareConfig = z.strictObject({
  source: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "a comparison's YAML file; or the labelled source, a dataset folder; none to go on with what stands in --out",
    ),
  target: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the target: a dataset folder; training reads no label of it"),
  out: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(`the folder of runs and tables (none: as the file says, else ${DEFAULT_OUT})`),
  methods: z
    .array(z.enum(methodNames))
    .min(1)
    .default(DEFAULT_ROWS)
    .describe("methods to compare; source-only, which the others start from, is always among them"),
  encoders: z
    .array(z.enum(Object.keys(encoders) as [string, ...string[]]))
    .min(1)
    .default([DEFAULT_ENCODER])
    .describe("networks to compare"),
  seeds: z
    .array(z.number().int().min(0))
    .min(1)
    .default(DEFAULT_SEEDS)
    .describe("every method with every encoder runs once for each"),
  base: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a YAML or JSON file of train's values that all runs share"),
  data: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("the labelled dataset whose sealed split is opened (none: the target)"),
  split: z.enum(["val", "test"]).default("test").describe("the split that is opened"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class that is looked for (none: lens, else the last)"),
  oracle: z
    .boolean()
    .default(false)
    .describe(
      "for experiments: read the test's labels after each epoch, for rows of the epoch that they would have chosen and for a " +
        "table of the validators",
    ),
  ensembles: z
    .array(z.enum(ENSEMBLE_KINDS))
    .default(["mean"])
    .describe("rows of all seeds' runs as one finder; stack is fitted on the source's val split"),
  parallel: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("runs at a time, which share the cores (none: as the file says, else one a core)"),
  dryRun: z.boolean().default(false).describe("list the runs and about how long they take, and run nothing"),
  tableOnly: z
    .boolean()
    .default(false)
    .describe("make the tables again from the scores that stand in the folder; no dataset is opened"),
});

export type CompareValues = z.output<typeof compareConfig>;
