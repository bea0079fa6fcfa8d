/** The survey and the conditions of an observation. */
import type { Survey } from "../../sky/survey.ts";

export interface Observation {
  survey: Survey;
  seeing: readonly number[];
  skySigma: readonly number[];
}
