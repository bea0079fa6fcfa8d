/** `arclet explain`: which part of an image a score rests on, and whether the answer may be trusted. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { SPLITS } from "../data/index.ts";
import { EXPLANATIONS, OUTPUTS, patchStarts } from "../evaluate/index.ts";
import { refuse } from "../foundation/errors.ts";
import { loadModel } from "../train/index.ts";
import { command } from "./command.ts";
import { explainImages } from "./explain-images.ts";
import { explainSanity } from "./explain-sanity.ts";
import { positiveOf } from "./positive.ts";

/** Images that are explained when nobody says which. */
const TOP = 20;

const schema = z.strictObject({
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

export type ExplainValues = z.output<typeof schema>;

export const explain = command({
  details:
    "Grad-CAM and Grad-CAM++ weigh the encoder's last feature map by the gradient of the score; occlusion hides the image " +
    "patch by patch under its own sky level and looks how far the score drops. Leaves a panel an object, a mosaic of all, " +
    "explain.csv, the maps as .npy and report.html. With --sanity the methods themselves are judged: do maps change with " +
    "fresh weights, and does the heat lie on the arcs that the simulation knows?",
  schema,
  positionals: ["data", "run"],
  example:
    "arclet explain data/target runs/adda --top 4 --method gradcam,occlusion --window 12 --stride 12 --out explain",
  async run(values, origin) {
    const { out, ids, top, method } = values;
    if (existsSync(out)) refuse("explain", "out", "a name that is not taken", out);
    if (new Set(method).size < method.length) refuse("explain", "method", "all different", method);
    if (ids !== null && top !== null) refuse("explain", "ids", "without top", top);
    const all = ids !== null || (origin.splits ?? "default") !== "default";
    const model = loadModel(values.run, "cpu");
    try {
      // Refused before anything is scored.
      if (method.includes("occlusion"))
        for (const side of model.info.shape.slice(1)) patchStarts(side, values);
      const explainer = {
        network: model.network,
        recipe: model.info.preprocessing,
        place: positiveOf(model.info.classes, values.positive),
        output: values.output,
      };
      if (values.sanity) await explainSanity(values, model, explainer);
      else await explainImages({ ...values, top: top ?? (all ? null : TOP) }, model, explainer);
    } finally {
      model.network.dispose();
    }
  },
});
