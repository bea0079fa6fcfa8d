/**
 * What every room builds on, as far as users of the library meet it: errors as data, an interrupt at a safe point, and
 * the fields that settings are declared with.
 */

export { reasonOf } from "./errors/foreign.ts";
export { type CheckOptions, checked } from "./errors/zod-errors.ts";
export {
  ArcletError,
  CODES,
  type ErrorCode,
  type ErrorData,
  EXIT,
  type FieldPath,
  Interrupted,
  type Location,
} from "./errors.ts";
export {
  choice,
  choices,
  count,
  type FieldOptions,
  list,
  number,
  type Range,
  seed,
  text,
  texts,
  yes,
} from "./field.ts";
export { interrupted, listenForInterrupts, safePoint } from "./interrupt.ts";
export { type Progress, showProgress } from "./progress.ts";
