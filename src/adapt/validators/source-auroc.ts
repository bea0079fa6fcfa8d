/** Area under the ROC curve on held-out source rows: blind to the target, but it shows a model that forgot its task. */
import { macroAuroc } from "./auroc.ts";
import type { Validator } from "./validator.ts";

export const sourceAuroc: Validator = {
  name: "source-auroc",
  summary: "AUROC on the source's val split, each class against the rest, averaged over classes",
  paper:
    "Hand & Till 2001 (one against the rest); the usual choice in Musgrave et al. 2021 (arXiv:2111.15672)",
  needsTarget: false,
  score: ({ sourceLogits, sourceLabels }) => macroAuroc(sourceLogits, sourceLabels),
};
