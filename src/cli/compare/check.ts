/** What a comparison refuses before anything runs, rather than hours later. */
import { openDataset } from "../../dataset/dataset.ts";
import { checkDisjoint } from "../../dataset/splitting/disjoint.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import { refuse } from "../../foundation/errors.ts";
import { type PlannedRun, testedOn } from "../../train/comparing/plan.ts";
import { checkEncoders, refuseChanged } from "../../train/comparing/run.ts";
import type { ComparisonSpec } from "../../train/comparing/spec.ts";

/** @throws ArcletError for datasets that don't fit each other, runs of other settings, networks that can't be built */
export async function checkComparison(spec: ComparisonSpec, runs: readonly PlannedRun[]): Promise<void> {
  await checkData(spec);
  refuseChanged(runs);
  await checkEncoders(runs);
}

async function checkData(spec: ComparisonSpec): Promise<void> {
  const source = await openDataset(spec.source);
  const target = await openUnlabelled(spec.target);
  const tested = await openDataset(testedOn(spec));
  try {
    if (tested.labelledRows(spec.test.split).length === 0)
      refuse(testedOn(spec), `split ${spec.test.split}`, "one with labelled rows", "none");
    const unknown = tested.info.classes.find((name) => !source.info.classes.includes(name));
    if (unknown !== undefined)
      refuse(testedOn(spec), "classes", `the source's (${source.info.classes.join(", ")})`, unknown);
    if (tested.info.shape.join() !== target.info.shape.join())
      refuse(testedOn(spec), "shape", `${target.info.shape.join(" × ")} as the target's`, tested.info.shape);
    for (const dataset of [source, target, tested]) await dataset.verify();
    checkDisjoint(source, target, ...(tested.folder === target.folder ? [] : [tested]));
  } finally {
    for (const dataset of [source, target, tested]) dataset.close();
  }
}
