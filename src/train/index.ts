/** Training: the loop and its runs, models as files, prediction. */
export {
  type CalibratedRows,
  type CalibrateOptions,
  calibrateOn,
  calibrateRows,
} from "./calibrate.ts";
export {
  DEFAULT_ENCODER,
  DEFAULT_METHOD,
  groupOf,
  type TrainConfig,
  trainSchema,
} from "./config.ts";
export { chosenEpoch, type EpochRecord, LOG_FILE } from "./log.ts";
export type { TrainResult } from "./loop.ts";
export {
  checkModelFits,
  LAST_MODEL_FILE,
  loadModel,
  MODEL_FILE,
  type Model,
  type ModelInfo,
  readModelInfo,
} from "./model.ts";
export { ORACLE, oracleSplits } from "./oracle.ts";
export type { Precision, Timing } from "./precision.ts";
export { fasterPrediction, type Predictions, predict, predictRows } from "./predict.ts";
export { estimatePrior, type PriorRows, priorText } from "./prevalence.ts";
export { CONFIG_FILE, type RunConfig, readRunConfig } from "./run.ts";
export { rungsOf } from "./search/halving.ts";
export { bestValues, search, TRIALS_FILE, type TrainByFile, type Trial } from "./search/search.ts";
export { budgetKey, defaultRanges, rangeOf } from "./search/space.ts";
export { type NetworkTimes, timeNetwork } from "./timing.ts";
export { type TrainOptions, train } from "./train.ts";
