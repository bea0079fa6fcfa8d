/** The built-in surveys, by name. */
import { registry } from "../../foundation/registry.ts";
import type { Survey } from "../survey.ts";
import { isSurveyFile, readSurvey } from "../survey-file.ts";
import { cfhtls } from "./cfhtls.ts";
import { des } from "./des.ts";
import { euclid } from "./euclid.ts";
import { hsc } from "./hsc.ts";
import { hst } from "./hst.ts";
import { kids } from "./kids.ts";
import { legacy } from "./legacy.ts";
import { lsst } from "./lsst.ts";
import { panstarrs } from "./panstarrs.ts";

/** All known surveys by name, plug-ins' included. */
export const surveys = registry<Survey>(
  "survey",
  [cfhtls, des, euclid, hsc, hst, kids, legacy, lsst, panstarrs],
  {
    or: "a file that ends in .yaml",
  },
);

/** Whether that is the name of a survey that is known, or a file's. */
export const isSurvey = (name: string): boolean => isSurveyFile(name) || surveys.has(name);

/**
 * The survey with this name, or from this file.
 *
 * @param name one of `surveys`, or a path that ends in .yaml
 * @throws ArcletError when no survey has this name, or the file is not a survey's
 */
export const surveyNamed = (name: string): Survey =>
  isSurveyFile(name) ? readSurvey(name) : surveys.find(name);
