/**
 * Conformance: what Arclet relies on in methods, encoders, validators and surveys, as promises that any test framework can
 * check. `await checkMethod(mine)` in a test of one's own is what Arclet's own entries are held to.
 */
export { checkEncoder, encoderPromises } from "./encoder.ts";
export { checkMethod, methodPromises } from "./method.ts";
export { checkPreprocessing, preprocessingPromises } from "./preprocessing.ts";
export { holdTo, type Outcome, outcomesOf, type Promised } from "./promise.ts";
export { checkSurvey, surveyPromises } from "./survey.ts";
export { checkValidator, validatorPromises } from "./validator.ts";
