/** The settings of `arclet grades`. */
import { z } from "zod";
import { list, seed, text, texts } from "../../foundation/field.ts";

export const gradesConfig = z.strictObject({
  table: text(
    "a table with one row per grade: id, grader, grade; maybe group, and round of those who looked twice",
  ),
  graderColumn: text("the column of graders", { default: "grader" }),
  gradeColumn: text("the column of grades", { default: "grade" }),
  order: texts("the grades from the least to the most like a lens (none: by number, or X, C, B, A)", {
    default: null,
  }),
  values: list(
    z.number(),
    "what each grade counts in the mean, in that order (none: its number, or 0, 1, 2 …)",
    {
      default: null,
    },
  ),
  seed: seed("of the bootstrap behind the interval of alpha"),
  out: text("the table to write, one row per object: .csv, .tsv, .parquet, .vot or .fits", {
    default: "consensus.csv",
  }),
});
export type GradesConfig = z.output<typeof gradesConfig>;
