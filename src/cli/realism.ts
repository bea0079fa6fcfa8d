/** `arclet realism`: how well simulated images can be told from real ones, and by what. */
import { z } from "zod";
import type { Sample } from "../evaluate/realism/realism.ts";
import type { Side } from "../evaluate/realism/samples.ts";
import { count, number, seed, text } from "../foundation/field.ts";
import { progress } from "../foundation/progress.ts";
import { keyOf } from "../foundation/random.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

const where = (side: string, example: string) =>
  text(`which ${side} images, as a condition on their table, e.g. ${example}`, { default: null });

const schema = z.strictObject({
  simulated: text("the simulated dataset's folder"),
  real: text("the real dataset's folder; labels in it are not read"),
  out: text("the folder for realism.json, report.html and pictures", { default: "realism" }),
  simWhere: where("simulated", "\"label = 'not-lens'\""),
  realWhere: where("real", "\"id like 'field%'\""),
  count: count("most images from each dataset, drawn at random", { least: 20, default: 2000 }),
  model: text("a run folder, model file or finder whose encoder's features are probed as well", {
    default: null,
  }),
  folds: count("folds of the cross-validation, by group", { least: 2, most: 20, default: 5 }),
  epochs: count("epochs of the small network in each fold", { default: 12 }),
  atMost: number("exit with 1 if the small network's AUROC is above this", {
    least: 0.5,
    most: 1,
    default: null,
  }),
  seed: seed(),
});

export const realism = command({
  details:
    "A small network, a linear probe on measured statistics and, with --model, another on an encoder's features learn to " +
    "tell simulated from real images, and are tested on groups that they did not see: AUROC 0.5 means that they can't be " +
    "told apart, 1 that they always can. Statistics are ranked by how well each does alone. Compare like with like: most " +
    "real objects are not lenses, so leave out the simulated lenses with --sim-where.",
  schema,
  positionals: ["simulated", "real"],
  example: "arclet realism data/source data/target --epochs 2 --out realism",
  async run(values) {
    const { openDataset } = await import("../dataset/dataset.ts");
    const { openUnlabelled } = await import("../dataset/unlabelled.ts");
    const { imagesLearned, measureRealism } = await import("../evaluate/realism/realism.ts");
    const { checkAlike, drawnSide, featuresOf, sampleOf } = await import("../evaluate/realism/samples.ts");
    const { checkModelFits, loadModel } = await import("../train/model.ts");
    const { count, seed, folds, epochs, model: path } = values;
    sayFinders([path]);
    const simulated = await openDataset(values.simulated);
    const real = await openUnlabelled(values.real);
    const model = path === null ? null : loadModel(path, "cpu");
    try {
      checkAlike(simulated, real, values.real);
      if (model !== null) checkModelFits(model.info, simulated.info);
      for (const dataset of [simulated, real]) await dataset.verify();
      const sides: [Side, Side] = [
        await drawnSide(simulated, values.simulated, values.simWhere, count, keyOf(seed, 1)),
        await drawnSide(real, values.real, values.realWhere, count, keyOf(seed, 2)),
      ];
      const samples = sides.map(sampleOf) as [Sample, Sample];
      const rows = sides[0].rows.length + sides[1].rows.length;
      const display = simulated.info.pixels === "display";
      const bar = progress("realism", imagesLearned(rows, { folds, epochs }), "images");
      try {
        const result = await measureRealism(...samples, {
          bands: simulated.info.bands,
          full: display ? 1 : Number.POSITIVE_INFINITY,
          folds,
          epochs,
          seed,
          features:
            model === null ? undefined : (images) => featuresOf(model, display ? images.mul(255) : images),
          tick: (images) => bar.tick(images),
        });
        bar.done();
        const { realismTable, writeRealism } = await import("../reports/realism.ts");
        writeRealism(values.out, result, sides, provenance("realism"));
        console.log(realismTable(result));
        const { auroc } = result.probes[0]!;
        if (values.atMost !== null && auroc > values.atMost) {
          console.log(`told apart at ${auroc.toFixed(3)}, above ${values.atMost}`);
          process.exitCode = 1;
        }
      } finally {
        for (const { images } of samples) images.dispose();
      }
    } finally {
      model?.network.dispose();
      simulated.close();
      real.close();
    }
  },
});
