/** The settings of `arclet inspect`. */
import { z } from "zod";
import { FEATURES } from "../evaluate/features/features-field.ts";
import { SWAP_PRIOR } from "../evaluate/grading/swap.ts";
import { choices, count, number, text, texts, yes } from "../foundation/field.ts";

export const inspectConfig = z.strictObject({
  dataset: text("the dataset whose images to look at"),
  scores: texts("score tables of its rows, by id; several finders', if you like", { least: 0, default: [] }),
  out: text("the folder of the search: a journal of every grade, and grades.csv"),
  sample: text("a sample that arclet select drew: only its rows are shown, in its order", { default: null }),
  decoyImages: text(
    "a dataset with the sample's decoys that are not in the first one, e.g. of arclet paint: nobody can tell them",
    { default: null },
  ),
  graders: texts("names of the people who grade, each with an address (none: you)", { default: null }),
  showScores: yes("show an object's scores before it is graded"),
  columns: texts("columns of the dataset to show beside its images (none: all, once an object is graded)", {
    default: null,
  }),
  finder: text("a run, model file or finder: for heat maps, for objects alike, and to retrain from", {
    default: null,
  }),
  features: text(
    `a table of features that another program made, for objects alike in place of the finder's: ${FEATURES}`,
    { default: null },
  ),
  frames: texts("FITS files of the survey, or folders of them, for wider cutouts", { least: 0, default: [] }),
  pattern: text(
    "how frames are named, with {band} for the band and * for anything, e.g. *_{band}.fits (none: the band is FILTER's)",
    { default: null },
  ),
  readOnly: yes("show grades and scores, and take no grade: for guests"),
  lensGrades: choices(["A", "B", "C"], "grades that count as lenses, to learn from and in figures", {
    default: ["A", "B"],
  }),
  prior: number("share of lenses among the objects before anybody looked, for the probability by SWAP", {
    above: 0,
    below: 1,
    default: SWAP_PRIOR,
  }),
  repeats: number(
    "share of graded objects that the next round shows again, to know who says the same again",
    {
      least: 0,
      most: 1,
      default: 0,
    },
  ),
  source: text("to retrain: the labelled source, a dataset folder (none: a probe learns, which needs none)", {
    default: null,
  }),
  retrain: text(
    "a YAML of how to retrain, with the settings of arclet train under train (none: the head alone)",
    {
      default: null,
    },
  ),
  keys: text("a YAML of other keys, e.g. 'A: 1' and 'undo: z' (none: the usual ones)", { default: null }),
  port: count("the port to listen on (0: any that is free)", { least: 0, most: 65535, default: 0 }),
  host: text("the address to listen on; others than this machine can then connect", {
    default: "127.0.0.1",
  }),
  open: yes("open the page in a browser", { default: true }),
});
export type InspectConfig = z.output<typeof inspectConfig>;
