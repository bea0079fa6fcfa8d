/** The sky as surveys see it: FITS files, world coordinates, sources, surveys, point-spread functions, stretches. */
export { type Autocorrelation, autocorrelationOf } from "./autocorrelation.ts";
export { correlated } from "./correlation.ts";
export { depthOf } from "./depth.ts";
export {
  type Background,
  background,
  type DetectOptions,
  detect,
  type Plane,
  SOURCE_FLAGS,
  type Sources,
  sumCircles,
} from "./detect.ts";
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
export { type Card, type CardValue, Header } from "./fits-header.ts";
export { type FitsTable, type FitsTableColumn, fitsTableBytes, readFitsTable } from "./fits-table.ts";
export { readImages } from "./image-file.ts";
export { type Lupton, lupton } from "./lupton.ts";
export { zeroPointOf } from "./measure/frame.ts";
export { type Measured, surveyOf } from "./measure/survey-of.ts";
export { APERTURE_FLAGS } from "./photometry.ts";
export { convolve, type Ellipticity, gaussianPsf, moffatPsf } from "./psf.ts";
export { type PsfImage, psfImages } from "./psf-images.ts";
export { type Humvi, humvi } from "./stretch.ts";
export {
  type Band,
  type Defects,
  fluxOf,
  magnitudeOf,
  type Psf,
  psfOf,
  type Survey,
  skySigmaOfAperture,
  skySigmaOfDepth,
  skySigmaOfExposure,
  surveySchema,
} from "./survey.ts";
export { checkedSurvey, isSurveyFile, readSurvey, surveyYaml } from "./survey-file.ts";
export { drawPsf, type PsfShape, surveyPsf } from "./survey-psf.ts";
export { surveyNamed, surveys } from "./surveys/registry.ts";
export { Wcs } from "./wcs.ts";
