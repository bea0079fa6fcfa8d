/** A search's purity, completeness and number of lenses, by the code of `arclet estimate`; or why there are none. */
import { existsSync } from "node:fs";
import { type Design, designPath } from "../../evaluate/designed-sample/design.ts";
import { gradedStrata } from "../../evaluate/designed-sample/graded-strata.ts";
import { errorsOnDecoys } from "../../evaluate/designed-sample/grader-errors.ts";
import { readSample, refuseOtherScores, type Sample } from "../../evaluate/designed-sample/sample-file.ts";
import { surveyFigures } from "../../evaluate/designed-sample/survey-figures.ts";
import { ArcletError } from "../../foundation/errors.ts";
import type { Estimated } from "../estimates.ts";
import type { Search } from "./search-file.ts";

export interface SurveyLevel {
  /** Null for a sample that was drawn by hand. */
  readonly design: Design | null;
  readonly estimated: Estimated | null;
  /** Why nothing is estimated; null if it is. */
  readonly why: string | null;
}

/**
 * @throws ArcletError when scores, sample and grades don't belong together, as `readSample` and `gradedStrata`; a sample
 *   without stated probabilities is no error, and gives no figure
 */
export async function surveyLevel(search: Search): Promise<SurveyLevel> {
  const { scores, sample: path, grades, seed, thresholds, tops, graderErrors } = search;
  const none = (why: string, design: Design | null = null) => ({ design, estimated: null, why });
  if (path === null) return none("no sample was drawn by a design (arclet select)");
  const sample = await designed(path);
  if (sample instanceof ArcletError) return none(sample.message);
  refuseOtherScores(scores, sample);
  if (grades === null) return none("the sample is not graded", sample.design);
  const graded = await gradedStrata(scores, sample, grades, { scores: thresholds, tops });
  const errors = graderErrors === "decoys" ? errorsOnDecoys(path, graded.decoys) : graderErrors;
  const figures = surveyFigures(graded.strata, { seed, errors });
  const estimated = { ...graded, figures, errors, scores, sample: path, ...asGrades(grades) };
  return { design: sample.design, estimated, why: null };
}

const asGrades = ({ path, positives }: { path: string; positives: string }) => ({ grades: path, positives });

/** The sample; or the error that says that it was drawn by hand: it lacks the columns of a design, or the design. */
async function designed(path: string): Promise<Sample | ArcletError> {
  try {
    return await readSample(path);
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    const { code, where } = error;
    const byHand =
      (code === "missing" && where === path) || (code === "absent" && where === designPath(path));
    if (byHand && existsSync(path)) return error;
    throw error;
  }
}
