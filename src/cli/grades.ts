/** `arclet grades`: several people's grades made one, and how well they agree. */
import { formatByName } from "../catalog/format.ts";
import { gradesConfig } from "../evaluate/grading/config.ts";
import type { Consensus } from "../evaluate/grading/consensus.ts";
import { refuse } from "../foundation/errors.ts";
import { textTable } from "../pictures/table.ts";
import { command } from "./command.ts";

export const grades = command({
  details:
    "Writes one row per object: the number of graders, their mean grade, and the probability of every grade by Dawid and " +
    "Skene (1979), who weigh each grader by how often they are right. Prints Krippendorff's alpha, and how often graders who " +
    "looked twice (column round) gave the same grade again. arclet combine --graded takes the table, e.g. with --positives " +
    "'mean >= 2'.",
  schema: gradesConfig,
  positionals: ["table"],
  example: "arclet grades grades.csv --out consensus.csv",
  async run(values) {
    if (formatByName(values.out) === "regions")
      refuse("grades", "out", "a table: .csv, .tsv, .parquet, .vot or .fits", values.out);
    const { consensusOf, writeConsensus } = await import("../evaluate/grading/consensus.ts");
    const { readGrades } = await import("../evaluate/grading/grades-table.ts");
    const table = await readGrades(values);
    for (const note of table.notes) console.log(note);
    const made = await consensusOf(table, values.seed);
    for (const line of agreementLines(made)) console.log(line);
    console.log(gradersTable(made));
    await writeConsensus(values.out, table, made);
    console.log(
      `${values.out}: ${table.ids.length} objects, ${table.grades.length} grades by ${table.graders.length} graders`,
    );
  },
});

function agreementLines({ agreement, shared }: Consensus): string[] {
  if (shared === 0) return ["no object has two graders, so nothing is known of how they agree"];
  const parts = agreement.map(({ level, alpha, interval }) => {
    if (alpha === null) return `${level} unknown`;
    const range = interval === null ? "" : ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`;
    return `${level} ${alpha.toFixed(3)}${range}`;
  });
  return [`Krippendorff's alpha of ${shared} objects with two grades or more: ${parts.join(", ")}`];
}

const gradersTable = ({ graders }: Consensus): string =>
  textTable({
    columns: ["grader", "graded", "above the others", "right", "graded twice", "same again"],
    rows: graders.map(({ grader, graded, above, right, repeated, same }) => [
      ...[grader, graded, above, right, repeated],
      same === null ? null : { ...same },
    ]),
  });
