/** The sky as a survey sees it: surveys, point-spread functions, stretches. */
export * from "./psf.ts";
export * from "./stretch.ts";
export * from "./survey.ts";
export { surveyNamed, surveys } from "./surveys/index.ts";
