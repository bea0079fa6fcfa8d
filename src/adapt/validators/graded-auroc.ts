/** Area under the ROC curve on the target's held graded rows: the one validator that sees what the target's rows are. */
import { softAuroc } from "./auroc.ts";
import type { Validator } from "./validator.ts";

export const gradedAuroc: Validator = {
  name: "graded-auroc",
  summary: "AUROC on the target's held graded rows; a soft label counts for both classes, by its share",
  paper: "Keilwagen, Grosse & Grau 2014 (PLoS ONE 9, e92209): soft labels as weights of both classes",
  needsTarget: false,
  needsGraded: true,
  score: ({ gradedLogits, gradedLabels }) => softAuroc(gradedLogits, gradedLabels),
};
