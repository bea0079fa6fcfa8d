/** How a table of grades is read: the settings of all commands that learn from grades. */
import { z } from "zod";
import type { Grading } from "../dataset/graded/grades.ts";
import { ALIKE } from "../dataset/splitting/leaks/find.ts";
import { refuse } from "../foundation/errors.ts";
import { list, text } from "../foundation/field.ts";

export const gradingFields = {
  gradedPositives: text("with --graded: which of its rows are lenses, e.g. 'grade >= 2'", { default: null }),
  gradedNegatives: text("with --graded: which of its rows are none, e.g. 'grade <= 0.7'", { default: null }),
  gradedSoft: text(
    "with --graded, in place of the two conditions: the column that says how surely a row is a lens, such as a mean grade",
    { default: null },
  ),
  gradedRange: list(z.number(), "values of that column that mean surely no lens, and surely a lens", {
    least: 2,
    most: 2,
    default: [0, 1],
  }),
  gradedAlike: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(ALIKE)
    .describe(
      "correlation of fingerprints above which an image is nearly a graded one, and of its group (none: identical images only)",
    ),
};

const fields = z.strictObject(gradingFields);
export type GradingFields = z.output<typeof fields>;

/**
 * How grades are read.
 *
 * @param where the command, for messages
 * @throws ArcletError for grades that don't say how, or say it twice
 */
export function gradingOf(
  where: string,
  { gradedPositives: positives, gradedNegatives: negatives, gradedSoft: soft, gradedRange }: GradingFields,
): Grading {
  if (soft !== null && (positives !== null || negatives !== null))
    refuse(where, "gradedSoft", "left out with --graded-positives and --graded-negatives", soft);
  if (soft === null && (positives === null || negatives === null))
    refuse(
      where,
      "gradedPositives and gradedNegatives",
      "given with --graded, e.g. 'grade >= 2' and 'grade <= 0.7' (or --graded-soft)",
      positives ?? negatives,
    );
  if (gradedRange[0] === gradedRange[1]) refuse(where, "gradedRange", "two different numbers", gradedRange);
  return soft === null
    ? { positives: positives!, negatives: negatives! }
    : { soft, range: [gradedRange[0]!, gradedRange[1]!] };
}
