/** The settings of `arclet explain`. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";
import { EXPLANATIONS } from "../../evaluate/explanation/heat.ts";
import { OUTPUTS } from "../../evaluate/explanation/score.ts";
import { positiveField } from "../../evaluate/positive.ts";
import { choice, choices, count, seed, text, texts, yes } from "../../foundation/field.ts";

/** How many images are explained by default. */
export const TOP = 20;

export const explainConfig = z.strictObject({
  data: text("the dataset folder; labels in it are not read"),
  run: text("a run folder, model file or finder"),
  out: text("the folder to write", { default: "explain" }),
  ids: texts("explain these objects", { default: null }),
  top: count(`explain the highest scores (none: ${TOP}, or all when ids or splits are given)`, {
    default: null,
  }),
  splits: choices(SPLITS, "splits to choose from", { default: [...SPLITS] }),
  method: choices(EXPLANATIONS, "how to explain; several are shown side by side", { default: ["gradcam"] }),
  positive: positiveField("class whose score is explained"),
  output: choice(
    OUTPUTS,
    "the score: the class's logit, as in the papers, or its log-odds against the others",
    { default: "logit" },
  ),
  window: count("occlusion: side of the patch", { default: 8, unit: "pixels" }),
  stride: count("occlusion: largest step from one patch to the next", { default: 4, unit: "pixels" }),
  pictures: count("most panels to draw; heat is written for all", { default: 60 }),
  sanity: yes(
    "test the explanations on a simulated dataset's lenses, with fresh weights and against the true arcs",
  ),
  count: count("sanity: most lenses, drawn at random", { least: 2, default: 200 }),
  networks: count("sanity: networks with fresh weights", { most: 20, default: 3 }),
  seed: seed("sanity: the same seed gives the same result"),
});

export type ExplainValues = z.output<typeof explainConfig>;
