/** Methods of domain adaptation, the contract they share, and the validators that choose without target labels. */
export { type AddaSettings, adda, lossAdvD, lossAdvM } from "./adda.ts";
export type {
  Batches,
  ImageBatch,
  LabelledBatch,
  Method,
  MethodContext,
  Phase,
  SourceSettings,
  StepNumbers,
  StepPlace,
  Trainer,
  View,
} from "./method.ts";
export { findMethod, methodNames, methods } from "./registry.ts";
export { sourceOnly } from "./source-only.ts";
export { encoderParameters } from "./supervised.ts";
export { DEFAULT_VALIDATOR, findValidator, validatorNames, validators } from "./validators/registry.ts";
export type { Validator, ValidatorInput } from "./validators/validator.ts";
