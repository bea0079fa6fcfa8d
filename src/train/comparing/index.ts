/** A comparison's runs: what was asked, which runs that makes, their training, and what they say of the test. */
export { type Estimated, estimate } from "./estimate.ts";
export { methodOf, type PlannedRun, plannedRuns, startOf, testedOn } from "./plan.ts";
export { type LabelledRows, labelledRowsOf, positivesOf, readRows, writeRows } from "./rows.ts";
export { checkEncoders, type Failures, refuseChanged, trainAll } from "./run.ts";
export {
  EPOCH_FILES,
  type EpochKind,
  hasScores,
  type RunScores,
  readRunScores,
  type ScoredRows,
  scoreRun,
} from "./scores.ts";
export {
  BASE_ROW,
  type ComparisonSpec,
  checkedSpec,
  comparisonSpec,
  DEFAULT_ROWS,
  DEFAULT_SEEDS,
  ENSEMBLE_KINDS,
  type EnsembleSpec,
} from "./spec.ts";
