/** The sky as a survey sees it: FITS files, world coordinates, sources, surveys, point-spread functions, stretches. */
export { type Autocorrelation, autocorrelationOf, correlated } from "./correlation.ts";
export * from "./detect.ts";
export type { HduInfo } from "./door.ts";
export * from "./fits.ts";
export * from "./fits-batch.ts";
export { type Card, type CardValue, Header } from "./fits-header.ts";
export { readImages } from "./image-file.ts";
export { bandIn, type Told, zeroPointIn } from "./measure/frame.ts";
export { type Given, type Measured, surveyOf } from "./measure/survey-of.ts";
export * from "./psf.ts";
export { type PsfImage, psfImages } from "./psf-images.ts";
export * from "./stretch.ts";
export * from "./survey.ts";
export { checkedSurvey, isSurveyFile, readSurvey, surveyYaml } from "./survey-file.ts";
export * from "./survey-psf.ts";
export { surveyNamed, surveys } from "./surveys/index.ts";
export { sideOf, Wcs } from "./wcs.ts";
