/** What `arclet explain` asks for. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";
import { EXPLANATIONS } from "../../evaluate/explanation/heat.ts";
import { OUTPUTS } from "../../evaluate/explanation/score.ts";

/** Images that are explained when nobody says which. */
export const TOP = 20;

export const explainConfig = z.strictObject({
  data: z.string().min(1).describe("the dataset folder; labels in it are not read"),
  run: z.string().min(1).describe("a run folder or model file"),
  out: z.string().min(1).default("explain").describe("the folder to write"),
  ids: z.array(z.string().min(1)).min(1).nullable().default(null).describe("explain these objects"),
  top: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(`explain the highest scores (none: ${TOP}, or all when ids or splits are given)`),
  splits: z
    .array(z.enum(SPLITS))
    .min(1)
    .default([...SPLITS])
    .describe("splits to choose from"),
  method: z
    .array(z.enum(EXPLANATIONS))
    .min(1)
    .default(["gradcam"])
    .describe("how; several stand side by side"),
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("class whose score is explained (none: lens, else the last)"),
  output: z
    .enum(OUTPUTS)
    .default("logit")
    .describe("the score: the class's own logit, as the papers have it, or its log-odds against the others"),
  window: z
    .number()
    .int()
    .min(1)
    .default(8)
    .describe("occlusion: side of the patch")
    .meta({ unit: "pixels" }),
  stride: z
    .number()
    .int()
    .min(1)
    .default(4)
    .describe("occlusion: most from one patch to the next")
    .meta({ unit: "pixels" }),
  pictures: z.number().int().min(1).default(60).describe("most panels drawn; maps are written of all"),
  sanity: z
    .boolean()
    .default(false)
    .describe("judge the methods on a simulated dataset's lenses: fresh weights, and the true arcs"),
  count: z.number().int().min(2).default(200).describe("sanity: most lenses, drawn at random"),
  networks: z.number().int().min(1).max(20).default(3).describe("sanity: networks with fresh weights"),
  seed: z.number().int().min(0).default(0).describe("sanity: one seed gives one result"),
});

export type ExplainValues = z.output<typeof explainConfig>;
