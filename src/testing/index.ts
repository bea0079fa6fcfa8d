/**
 * Conformance: what Arclet relies on in methods, encoders, validators and surveys, as promises that any test framework can
 * check. `await checkMethod(mine)` in your own test checks what Arclet's tests check of its own entries.
 */
export { checkEncoder, encoderPromises } from "./encoder.ts";
export { checkMethod, methodPromises } from "./method.ts";
export { checkPreprocessing, preprocessingPromises } from "./preprocessing.ts";
export { holdTo, type Outcome, outcomesOf, type Promised } from "./promise.ts";
export { checkSurvey, surveyPromises } from "./survey.ts";
export { checkValidator, validatorPromises } from "./validator.ts";
