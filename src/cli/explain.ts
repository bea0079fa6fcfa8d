/** `arclet explain`: which part of an image a score depends on, and whether the explanation can be trusted. */
import type { Explainer } from "../evaluate/explanation/explainer.ts";
import { refuse } from "../foundation/errors.ts";
import { isTaken } from "../foundation/files.ts";
import { type ExplainValues, explainConfig, TOP } from "../reports/explain/config.ts";
import type { Model } from "../train/model.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";
import { sayFinders } from "./say-finders.ts";

export const explain = command({
  details:
    "Grad-CAM and Grad-CAM++ weight the encoder's last feature map by the gradient of the score; occlusion covers the image " +
    "patch by patch with its own sky level and measures how far the score drops. Writes a panel for each object, a mosaic " +
    "of all, explain.csv, the heat as .npy and report.html. With --sanity the explanations themselves are tested: does the " +
    "heat change with fresh weights, and is it on the arcs that the simulation knows?",
  schema: explainConfig.extend(dividedFields),
  positionals: ["data", "run"],
  example:
    "arclet explain data/target runs/adapted --top 4 --method gradcam,occlusion --window 12 --stride 12 --out explain",
  async run(given, origin) {
    const { own: values, about } = apart(given);
    const { out, ids, top, method } = values;
    if (new Set(method).size < method.length) refuse("explain", "method", "all different", method);
    if (ids !== null && top !== null) refuse("explain", "ids", "without top", top);
    const all = ids !== null || (origin.splits ?? "default") !== "default";
    const chosen = { ...values, top: top ?? (all ? null : TOP) };
    sayFinders([values.run]);
    const inShards = await divided("explain", about, async () => {
      const { dividedExplanation } = await import("../reports/explain/divided.ts");
      return await dividedExplanation(chosen, (body) => withModel(values, body));
    });
    if (inShards) return;
    if (isTaken(out)) refuse("explain", "out", "a name that is not taken", out);
    await withModel(values, async (model, explainer) => {
      if (values.sanity) {
        const { explainSanity } = await import("../reports/explain/sanity.ts");
        await explainSanity(values, model, explainer);
      } else {
        const { explainImages } = await import("../reports/explain/images.ts");
        await explainImages(chosen, model, explainer);
      }
    });
  },
});

/** Refuses patches that don't fit the images, before anything is scored. */
async function withModel<T>(
  values: ExplainValues,
  body: (model: Model, explainer: Explainer) => Promise<T>,
): Promise<T> {
  const { patchStarts } = await import("../evaluate/explanation/occlusion.ts");
  const { positiveOf } = await import("../evaluate/positive.ts");
  const { loadModel } = await import("../train/model.ts");
  const model = loadModel(values.run, "cpu");
  try {
    if (values.method.includes("occlusion"))
      for (const side of model.info.shape.slice(1)) patchStarts(side, values);
    return await body(model, {
      network: model.network,
      preprocessing: model.info.preprocessing,
      classIndex: positiveOf(model.info.classes, values.positive),
      output: values.output,
    });
  } finally {
    model.network.dispose();
  }
}
