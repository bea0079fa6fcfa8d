/** `arclet explain`: which part of an image a score depends on, and whether the explanation can be trusted. */
import { refuse } from "../foundation/errors.ts";
import { isTaken } from "../foundation/files.ts";
import { explainConfig, TOP } from "../reports/explain/config.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const explain = command({
  details:
    "Grad-CAM and Grad-CAM++ weight the encoder's last feature map by the gradient of the score; occlusion covers the image " +
    "patch by patch with its own sky level and measures how far the score drops. Writes a panel for each object, a mosaic " +
    "of all, explain.csv, the heat as .npy and report.html. With --sanity the explanations themselves are tested: does the " +
    "heat change with fresh weights, and is it on the arcs that the simulation knows?",
  schema: explainConfig,
  positionals: ["data", "run"],
  example:
    "arclet explain data/target runs/adapted --top 4 --method gradcam,occlusion --window 12 --stride 12 --out explain",
  async run(values, origin) {
    const { out, ids, top, method } = values;
    if (isTaken(out)) refuse("explain", "out", "a name that is not taken", out);
    if (new Set(method).size < method.length) refuse("explain", "method", "all different", method);
    if (ids !== null && top !== null) refuse("explain", "ids", "without top", top);
    const all = ids !== null || (origin.splits ?? "default") !== "default";
    sayFinders([values.run]);
    const { patchStarts } = await import("../evaluate/explanation/occlusion.ts");
    const { positiveOf } = await import("../evaluate/positive.ts");
    const { loadModel } = await import("../train/model.ts");
    const model = loadModel(values.run, "cpu");
    try {
      // Refuses before anything is scored.
      if (method.includes("occlusion"))
        for (const side of model.info.shape.slice(1)) patchStarts(side, values);
      const explainer = {
        network: model.network,
        preprocessing: model.info.preprocessing,
        classIndex: positiveOf(model.info.classes, values.positive),
        output: values.output,
      };
      if (values.sanity) {
        const { explainSanity } = await import("../reports/explain/sanity.ts");
        await explainSanity(values, model, explainer);
      } else {
        const { explainImages } = await import("../reports/explain/images.ts");
        await explainImages({ ...values, top: top ?? (all ? null : TOP) }, model, explainer);
      }
    } finally {
      model.network.dispose();
    }
  },
});
