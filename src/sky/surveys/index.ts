/** The surveys that Arclet knows, by name. */
import { refuse } from "../../foundation/errors.ts";
import type { Survey } from "../survey.ts";
import { cfhtls } from "./cfhtls.ts";
import { des } from "./des.ts";
import { hsc } from "./hsc.ts";

export const surveys: Readonly<Record<string, Survey>> = { cfhtls, des, hsc };

/** @throws ArcletError when no survey has that name */
export function surveyNamed(name: string): Survey {
  return surveys[name] ?? refuse("survey", "name", `one of ${Object.keys(surveys).join(", ")}`, name);
}
