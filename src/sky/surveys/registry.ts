/** The built-in surveys, by name. */
import { unknown } from "../../foundation/errors/unknown.ts";
import type { Survey } from "../survey.ts";
import { isSurveyFile, readSurvey } from "../survey-file.ts";
import { cfhtls } from "./cfhtls.ts";
import { des } from "./des.ts";
import { euclid } from "./euclid.ts";
import { hsc } from "./hsc.ts";
import { hst } from "./hst.ts";
import { kids } from "./kids.ts";
import { lsst } from "./lsst.ts";
import { panstarrs } from "./panstarrs.ts";

export const surveys: Readonly<Record<string, Survey>> = {
  cfhtls,
  des,
  euclid,
  hsc,
  hst,
  kids,
  lsst,
  panstarrs,
};

/**
 * The survey with this name, or from this file.
 *
 * @param name one of `surveys`, or a path that ends in .yaml
 * @throws ArcletError when no survey has this name, or the file is not a survey's
 */
export function surveyNamed(name: string): Survey {
  if (isSurveyFile(name)) return readSurvey(name);
  if (Object.hasOwn(surveys, name)) return surveys[name]!;
  throw unknown("survey", "name", name, Object.keys(surveys), { or: "a file that ends in .yaml" });
}
