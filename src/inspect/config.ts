/** The settings of `arclet inspect`. */
import { z } from "zod";
import { count, text, texts, yes } from "../foundation/field.ts";

export const inspectConfig = z.strictObject({
  dataset: text("the dataset whose images to look at"),
  scores: texts("score tables of its rows, by id; several finders', if you like", { least: 0, default: [] }),
  out: text("the folder of the search: a journal of every grade, and grades.csv"),
  sample: text("a sample that arclet select drew: only its rows are shown, in its order", { default: null }),
  graders: texts("names of the people who grade, each with an address (none: you)", { default: null }),
  showScores: yes("show an object's scores before it is graded"),
  columns: texts("columns of the dataset to show beside its images (none: all, once an object is graded)", {
    default: null,
  }),
  finder: text("a run, model file or finder, for heat maps and objects alike", { default: null }),
  frames: texts("FITS files of the survey, or folders of them, for wider cutouts", { least: 0, default: [] }),
  pattern: text(
    "how frames are named, with {band} for the band and * for anything, e.g. *_{band}.fits (none: the band is FILTER's)",
    { default: null },
  ),
  readOnly: yes("show grades and scores, and take no grade: for guests"),
  port: count("the port to listen on (0: any that is free)", { least: 0, most: 65535, default: 0 }),
  host: text("the address to listen on; others than this machine can then connect", {
    default: "127.0.0.1",
  }),
  open: yes("open the page in a browser", { default: true }),
});
export type InspectConfig = z.output<typeof inspectConfig>;
