/** Training: the loop and its runs, models as files, prediction. */
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
export type { Precision, Timing } from "./precision.ts";
export { fasterPrediction, type Predictions, predict, predictRows } from "./predict.ts";
export { CONFIG_FILE, type RunConfig, readRunConfig } from "./run.ts";
export { type NetworkTimes, timeNetwork } from "./timing.ts";
export { type TrainOptions, train } from "./train.ts";
