/** `arclet estimate`: purity, completeness and number of lenses of a whole survey, from the grades of a designed sample. */
import { join } from "node:path";
import { z } from "zod";
import { GRADER_ERRORS_FORMS, parseGraderErrors } from "../evaluate/designed-sample/grader-errors.ts";
import { list, seed, text } from "../foundation/field.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const estimate = command({
  details:
    "A row counts as many times as the inverse of its probability to be graded. Intervals hold 95 %, also where few lenses " +
    "or none were found among rows that are thinly sampled. Rows of the sample without a grade are taken to be missing at " +
    "random within their stratum, and decoys are never counted. Without --grader-errors a lens is what graders call one; " +
    "with it, their errors are corrected stratum by stratum, by sensitivity and specificity, with what is uncertain about " +
    "these.",
  schema: z.strictObject({
    scores: text("the survey's score table that the sample was drawn from"),
    sample: text("the sample, as arclet select wrote it, with its design beside it"),
    grades: text("a table of its grades, by id: CSV, TSV, Parquet, VOTable or FITS"),
    positives: text(
      "which of its rows are lenses, e.g. 'grade >= 2'; a row without that grade is not graded",
    ),
    out: text("the folder for estimates.json, report.html and the figure"),
    thresholds: list(z.number(), "scores from which a row is selected (none: where strata end)", {
      default: null,
    }),
    tops: list(z.number().int().min(1), "thresholds that select the N highest scores, for these N", {
      default: null,
    }),
    graderErrors: text(`how graders err: ${GRADER_ERRORS_FORMS} (none: not corrected)`, { default: null }),
    seed: seed(),
  }),
  positionals: ["scores", "sample", "grades"],
  example:
    "arclet estimate scores.csv sample.csv sample-grades.csv --positives 'grade >= 2' --out runs/estimate",
  async run({ scores, sample: path, grades, positives, out, thresholds, tops, graderErrors, seed }) {
    const asked = graderErrors === null ? null : parseGraderErrors("estimate", graderErrors);
    const { readSample } = await import("../evaluate/designed-sample/sample-file.ts");
    const { gradedStrata } = await import("../evaluate/designed-sample/graded-strata.ts");
    const { errorsOnDecoys } = await import("../evaluate/designed-sample/grader-errors.ts");
    const { surveyFigures } = await import("../evaluate/designed-sample/survey-figures.ts");
    const { estimatesTable, writeEstimates } = await import("../reports/estimates.ts");
    const sample = await readSample(path);
    const graded = await gradedStrata(
      scores,
      sample,
      { path: grades, positives },
      { scores: thresholds, tops },
    );
    const errors = asked === "decoys" ? errorsOnDecoys(path, graded.decoys) : asked;
    const figures = surveyFigures(graded.strata, { seed, errors });
    const result = { ...graded, figures, errors, scores, sample: path, grades, positives };
    for (const note of writeEstimates(out, result, provenance("estimate"))) console.log(note);
    console.log(estimatesTable(result));
    console.log(join(out, "report.html"));
  },
});
