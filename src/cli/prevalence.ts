/** `arclet prevalence`: how common each class is among unlabelled images. */
import { z } from "zod";
import { SPLITS } from "../dataset/info.ts";
import { refuse } from "../foundation/errors.ts";
import { choices, text } from "../foundation/field.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const prevalence = command({
  details:
    "Uses a model trained on the source: BBSE (Lipton et al. 2018) and EM (Saerens et al. 2002), on predictions calibrated " +
    "on the source's val split, with 95 % bootstrap intervals. Both assume that images of a class look alike in both " +
    "domains: the more they differ, the less the intervals mean. A warning says if the features show that they do.",
  schema: z.strictObject({
    model: text("a run folder, model file or finder, trained on the source"),
    source: text("the labelled source: a dataset folder"),
    target: text("the target: a dataset folder; labels in it are not read"),
    splits: choices(SPLITS, "splits of the target to use", { default: [...SPLITS] }),
    out: text("a JSON file to write the estimates to as well", { default: null }),
  }),
  positionals: ["model", "source", "target"],
  example: "arclet prevalence runs/adapted data/source data/target",
  async run({ model: path, source: sourceFolder, target: targetFolder, splits, out }) {
    sayFinders([path]);
    const { priorEstimators } = await import("../adapt/prevalence.ts");
    const { openDataset } = await import("../dataset/dataset.ts");
    const { checkDisjoint } = await import("../dataset/splitting/disjoint.ts");
    const { openUnlabelled } = await import("../dataset/unlabelled.ts");
    const { checkModelFits, loadModel } = await import("../train/model.ts");
    const { looksDifferent } = await import("../adapt/calibration/label-shift-test.ts");
    const { atBoundText, differentText } = await import("../train/calibrate.ts");
    const { bandsOf, likeModel } = await import("../train/session/alike.ts");
    const { estimatePrior, priorText } = await import("../train/prevalence.ts");
    const model = loadModel(path);
    const take = (folder: string) => bandsOf(likeModel(path, model.info), folder);
    const source = await openDataset(sourceFolder, take(sourceFolder));
    const target = await openUnlabelled(targetFolder, take(targetFolder));
    try {
      checkDisjoint(source, target);
      checkModelFits(model.info, source.info);
      checkModelFits(model.info, target.info);
      const { classes, preprocessing } = model.info;
      if (classes.join() !== source.info.classes.join())
        refuse(sourceFolder, "classes", `${classes} as in ${path}`, source.info.classes);
      const val = source.labelledRows("val");
      if (val.length === 0) refuse(sourceFolder, "split val", "of at least one labelled row", "none");
      const rows = target.rows(...splits);
      if (rows.length === 0) refuse(targetFolder, "splits", "splits that hold rows", splits);
      for (const dataset of [source, target]) await dataset.verify();
      const estimates = [];
      for (const by of priorEstimators) {
        const { atBound, alike, ...estimated } = await estimatePrior(by, model.network, preprocessing, {
          ...{ source, val, target, rows },
        });
        console.log(priorText(by, classes, estimated));
        if (atBound.length > 0) console.log(`warning: ${atBoundText(by, classes, atBound)}`);
        if (alike !== null && looksDifferent(alike)) console.log(`warning: ${differentText(by, alike)}`);
        estimates.push({ by, classes, ...estimated, alike, atBound: atBound.map((k) => classes[k]!) });
      }
      if (out !== null) writeFileWhole(out, `${JSON.stringify(estimates, null, 2)}\n`);
    } finally {
      model.network.dispose();
      target.close();
      source.close();
    }
  },
});
