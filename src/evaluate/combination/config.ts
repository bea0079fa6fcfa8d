/** The settings of `arclet combine`. */
import { z } from "zod";
import { choice, count, number, seed, text, texts, yes } from "../../foundation/field.ts";
import { CALIBRATIONS } from "./evidence.ts";
import { RULES } from "./fit.ts";

export const combineConfig = z.strictObject({
  scores: texts("two score tables or more: FILE, FILE:COLUMN (none: score) or NAME=FILE:COLUMN"),
  graded: text("a table of grades with an id, one row per object; its column group keeps rows together", {
    default: null,
  }),
  positives: text("which of its rows are positives, e.g. 'grade >= 2'", { default: null }),
  negatives: text("which of its rows are negatives, e.g. 'grade <= 0.7'", { default: null }),
  models: texts(
    "NAME=MODEL: the run, model or finder that made an input's scores, so that `arclet score` can combine new images; " +
      "several of one name are averaged",
    { default: null },
  ),
  allowLearned: yes(
    "fit on rows whose grades a finder learned from, as its table marks them: it is then weighted too high, and figures of " +
      "rows held out are too good",
  ),
  rule: choice(RULES, "how the finders' evidence is combined", { default: "stacking" }),
  calibration: choice(
    ["auto", ...CALIBRATIONS],
    "how each finder's scores become evidence; auto chooses for each",
    {
      default: "auto",
    },
  ),
  prevalence: number("share of lenses among the rows (none: that of positives among the graded)", {
    above: 0,
    below: 1,
    default: null,
  }),
  folds: count("parts of the graded groups for cross-fitting", { least: 2, most: 20, default: 5 }),
  seed: seed(),
  apply: text("a fitted combination (combination.json) to apply to new tables, in place of grades", {
    default: null,
  }),
  out: text("the folder to write, or a table: .csv, .tsv, .parquet, .vot, .fits", { default: "combined" }),
});
export type CombineConfig = z.output<typeof combineConfig>;
