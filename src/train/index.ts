/** Training: the loop and its runs, models as files, prediction. */
export { type CalibratedRows, type CalibrateOptions, calibrateOn, calibrateRows } from "./calibrate.ts";
export { type Estimated, estimate } from "./comparing/estimate.ts";
export { methodOf, type PlannedRun, plannedRuns, startOf, testedOn } from "./comparing/plan.ts";
export { type LabelledRows, labelledRowsOf, positivesOf, readRows, writeRows } from "./comparing/rows.ts";
export { checkEncoders, type Failures, refuseChanged, trainAll } from "./comparing/run.ts";
export {
  EPOCH_FILES,
  type EpochKind,
  hasScores,
  type RunScores,
  readRunScores,
  type ScoredRows,
  scoreRun,
} from "./comparing/scores.ts";
export {
  BASE_ROW,
  type ComparisonSpec,
  checkedSpec,
  comparisonSpec,
  DEFAULT_ROWS,
  DEFAULT_SEEDS,
  ENSEMBLE_KINDS,
  type EnsembleSpec,
} from "./comparing/spec.ts";
export {
  DEFAULT_ENCODER,
  DEFAULT_METHOD,
  groupOf,
  type TrainConfig,
  trainConfig,
  trainSchema,
} from "./config.ts";
export { CURVES_FILE, type CurvePoint, readCurves } from "./curves.ts";
export { deviceField } from "./device.ts";
export { LEAK, type LeakMark, leakText } from "./leak.ts";
export { chosenEpoch, type EpochRecord, LOG_FILE, readRecords } from "./log.ts";
export type { TrainResult } from "./loop.ts";
export {
  checkModelFits,
  LAST_MODEL_FILE,
  loadModel,
  MODEL_FILE,
  type Model,
  type ModelInfo,
  needsOf,
  networkOf,
  ORACLE_MODEL_FILE,
  readModelInfo,
} from "./model.ts";
export { ORACLE, oracleSplits } from "./oracle.ts";
export type { Precision, Timing } from "./precision.ts";
export {
  deviceOf,
  fasterPrediction,
  featureRows,
  type Predictions,
  predict,
  predictRows,
} from "./predict.ts";
export { estimatePrior, type PriorRows, priorText } from "./prevalence.ts";
export { CONFIG_FILE, type RunConfig, readRunConfig } from "./run.ts";
export { type TrainByFile, trainInProcess } from "./runs/process.ts";
export { EVENTS_FILE } from "./tensorboard.ts";
export { type NetworkTimes, timeNetwork } from "./timing.ts";
export { type TrainOptions, train } from "./train.ts";
export { rungsOf } from "./tuning/halving.ts";
export { budgetKey, defaultRanges, rangeOf } from "./tuning/space.ts";
export { bestValues, TRIALS_FILE, type Trial, tune } from "./tuning/tune.ts";
