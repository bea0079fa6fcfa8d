/** Training: runs, models as files, prediction. */
export { type CalibratedRows, calibrateRows } from "./calibrate.ts";
export { type ComparisonSpec, checkedSpec } from "./comparing/spec.ts";
export {
  DEFAULT_ENCODER,
  DEFAULT_METHOD,
  type TrainConfig,
  type TrainInput,
  trainConfig,
  trainSchema,
} from "./config.ts";
export { type CurvePoint, readCurves } from "./curves.ts";
export { type Exported, type ExportOptions, exportModel } from "./exporting/export.ts";
export type { FinderCard } from "./finders/card.ts";
export { type Finder, finderNamed, finderNames } from "./finders/finders.ts";
export type { LeakMark } from "./leak.ts";
export { chosenEpoch, type EpochRecord, readRecords } from "./log.ts";
export type { TrainResult } from "./loop.ts";
export {
  checkModelFits,
  loadModel,
  MODEL_FILE,
  type Model,
  type ModelInfo,
  needsOf,
  readModelInfo,
} from "./model.ts";
export { featureRows, type Predictions, predict, predictRows } from "./predict.ts";
export { estimatePrior, type PriorRows } from "./prevalence.ts";
export { type RunConfig, readRunConfig } from "./run.ts";
export { type TrainOptions, train } from "./train.ts";
export type { EncoderSettings, MethodSettings } from "./train-input.ts";
