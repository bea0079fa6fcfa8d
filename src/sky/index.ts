/** The sky as a survey sees it: FITS files, world coordinates, sources, surveys, point-spread functions, stretches. */
export { type Autocorrelation, autocorrelationOf, correlated } from "./correlation.ts";
export {
  type Apertures,
  type Background,
  background,
  type DetectOptions,
  detect,
  type Plane,
  SOURCE_FLAGS,
  type Sources,
  sumCircles,
} from "./detect.ts";
export type { HduInfo } from "./door.ts";
export {
  type FitsArray,
  type FitsCell,
  type FitsColumn,
  FitsFile,
  type FitsImage,
  type FitsOutput,
  fitsBytes,
  type Region,
  readFits,
  writeFits,
} from "./fits.ts";
export { type FitsPart, headerOf, MOST_BATCH_BYTES, readFitsFile, readFitsFiles } from "./fits-batch.ts";
export { type Card, type CardValue, Header } from "./fits-header.ts";
export { type FitsTable, type FitsTableColumn, fitsTableBytes, readFitsTable } from "./fits-table.ts";
export { readImages } from "./image-file.ts";
export { type Lupton, lupton } from "./lupton.ts";
export { bandOf, type Told, zeroPointOf } from "./measure/frame.ts";
export { type Given, type Measured, surveyOf } from "./measure/survey-of.ts";
export { complexTransferOf, convolve, type Ellipticity, gaussianPsf, moffatPsf, transferOf } from "./psf.ts";
export { type PsfImage, psfImages } from "./psf-images.ts";
export { composite, eightBit, type Humvi, humvi, shifted } from "./stretch.ts";
export {
  type Band,
  bandSchema,
  type Defects,
  defectsSchema,
  fluxOf,
  magnitudeOf,
  onPixels,
  type Psf,
  photonsPerUnit,
  psfSchema,
  type Survey,
  skySigmaOfAperture,
  skySigmaOfDepth,
  skySigmaOfExposure,
  surveySchema,
} from "./survey.ts";
export { checkedSurvey, isSurveyFile, readSurvey, surveyYaml } from "./survey-file.ts";
export { drawPsf, type PsfShape, psfOf, ROUND, type Seen, surveyPsf, surveyTransfer } from "./survey-psf.ts";
export { surveyNamed, surveys } from "./surveys/registry.ts";
export { sideOf, Wcs } from "./wcs.ts";
