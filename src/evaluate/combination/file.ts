/** A fitted combination as a file of plain numbers: what was fitted, on what, and how good it was on rows held out. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { readJson, writeFileWhole } from "../../foundation/files.ts";
import { CALIBRATIONS, evidenceSchema } from "./evidence.ts";
import { RULES, ruleSchema } from "./fit.ts";
import { scaleSchema } from "./scale.ts";

/** In the folder that `combine` writes. */
export const COMBINATION_FILE = "combination.json";

const share = z.number().gt(0).lt(1);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });

export const combinationSchema = z.strictObject({
  version: z.literal(1),
  task: z.literal("combine"),
  /** What `--rule` said. */
  asked: z.enum(RULES),
  calibration: z.enum(["auto", ...CALIBRATIONS]),
  rule: ruleSchema,
  /** The finders, in the order of the rule's weights. */
  inputs: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        file: z.string(),
        column: z.string(),
        sha256: hash,
        /** The models whose mean probability these scores are, if that was said. */
        models: z
          .array(z.strictObject({ path: z.string(), sha256: hash }))
          .min(1)
          .optional(),
        /** How many of the graded rows it had learned from; left out if none. */
        learned: z.number().int().positive().optional(),
        scale: scaleSchema,
        evidence: evidenceSchema,
      }),
    )
    .min(2),
  /** Of the finders' scores on their scales, over all rows: what is missing is imputed by them. */
  correlations: z.array(z.array(z.number().min(-1).max(1))),
  /** The prevalence of lenses that probabilities are for. */
  prevalence: share,
  graded: z.strictObject({
    file: z.string(),
    sha256: hash,
    positives: z.string(),
    negatives: z.string(),
    /** Of the rows that it was fitted on: they can't judge it. */
    ids: z.array(z.string()).min(1),
    groups: z.number().int().positive(),
    /** Of positives among these rows. */
    share,
  }),
  folds: z.number().int(),
  seed: z.number().int(),
  /** On graded rows, each judged by a fit that saw no row of its group. */
  heldOut: z.strictObject({ auroc: estimate, logLoss: z.number() }),
  command: z.string(),
  arclet: z.string(),
});
export type Combination = z.infer<typeof combinationSchema>;

export function writeCombination(path: string, combination: Combination): void {
  writeFileWhole(path, `${JSON.stringify(combinationSchema.parse(combination), null, 2)}\n`);
}

/** The combination's file that a path stands for, itself or in the folder of one; null of any other path. */
export function combinationAt(path: string): string | null {
  const file = path.toLowerCase().endsWith(".json") ? path : join(path, COMBINATION_FILE);
  return existsSync(file) ? file : null;
}

/** @throws ArcletError naming the file and the first field that is wrong */
export function readCombination(path: string): Combination {
  return checked(path, combinationSchema, readJson(path), { code: "broken" });
}
