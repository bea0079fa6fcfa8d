/** Every survey keeps the promises that a stranger's must keep. */
import { test } from "vitest";
import { surveys } from "../../src/sky/surveys/registry.ts";
import { checkSurvey } from "../../src/testing/survey.ts";

test.each(surveys.list.map((survey) => [survey.name, survey] as const))("%s", (_, survey) =>
  checkSurvey(survey),
);
