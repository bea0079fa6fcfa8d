/** How well a finder works, in numbers: metrics, intervals, calibration, comparison, explanation, realism. */
export { type BootstrapOptions, bootstrapByGroup } from "./bootstrap.ts";
export { type CalibrationInput, computeCalibration } from "./calibrated.ts";
export {
  brierScore,
  expectedCalibrationError,
  logLoss,
  type ReliabilityBin,
  reliabilityBins,
} from "./calibration.ts";
export { DEEPLENSE_ENCODERS, DEEPLENSE_TABLE, deeplenseAuroc } from "./comparison/deeplense.ts";
export { type Logits, logOddsOf, meanOf, probabilityOf, stack } from "./comparison/ensembles.ts";
export {
  differencesOf,
  type Entry,
  type EntryKind,
  type Line,
  linesOf,
  type Measured,
  measured,
  pairedOverSeeds,
  type RowDifference,
} from "./comparison/entries.ts";
export { holm } from "./comparison/holm.ts";
export {
  type Components,
  componentsOf,
  less,
  meanAuroc,
  type OverSeeds,
  overSeeds,
} from "./comparison/over-seeds.ts";
export { type JudgedEpoch, judgeValidators, regret, type ValidatorQuality } from "./comparison/validators.ts";
export {
  COMPLETENESS_COLUMNS,
  computeCompleteness,
  falsePositivesByKind,
  type NumberColumn,
  type TruthColumns,
} from "./completeness.ts";
export { type ConformalThreshold, conformalThreshold } from "./conformal.ts";
export { activationMap, gradCamPlusPlusWeights, gradCamWeights } from "./explanation/cam.ts";
export { type Explainer, lastMap, scores as explainedScores } from "./explanation/explainer.ts";
export { EXPLANATIONS, type Explanation, heatMaps } from "./explanation/heat.ts";
export { type OcclusionOptions, occlusionMaps, patchStarts, skyLevel } from "./explanation/occlusion.ts";
export { RANDOMISED, randomised, type SanityOfMethod, sanityOf } from "./explanation/sanity.ts";
export { OUTPUTS, type Output } from "./explanation/score.ts";
export { concentration } from "./explanation/share.ts";
export { type Neighbour, nearestRows } from "./features/neighbours.ts";
export { type Principal, principal } from "./features/pca.ts";
export { linearProbe, type Probe } from "./features/probe.ts";
export { type UmapOptions, umap } from "./features/umap.ts";
export { runTest, type TestResult, type TestRows } from "./finder-test.ts";
export { type DeLong, delong, delongPaired, type Interval, type PairedDeLong, wilson } from "./intervals.ts";
export { type Judged, readJudged, type Truth } from "./judged.ts";
export { type MeanInterval, meanInterval } from "./mean-interval.ts";
export { computeMetrics, type MetricsInput } from "./metrics.ts";
export { computeMulticlass, type MulticlassInput, oneVsRest } from "./multiclass.ts";
export { rankCorrelation } from "./rank-correlation.ts";
export { areProbabilities, type RankedScores, rankScores, type Scores } from "./ranked.ts";
export {
  auroc,
  averagePrecision,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  purityAtPrevalence,
  purityCompletenessTop,
  type RocCurve,
  recallAtFpr,
  recallBeforeFalsePositive,
  rocCurve,
  type Selected,
  selectAbove,
  selectTop,
} from "./ranking.ts";
export { type Difference, difference, type Spread } from "./realism/difference.ts";
export {
  imagesLearned,
  measureRealism,
  type Realism,
  type RealismOptions,
  type Sample,
  type Told,
} from "./realism/realism.ts";
export { imageStatistics, type Statistics } from "./realism/statistics.ts";
export {
  type Calibrated,
  type Calibration,
  type Completeness,
  type Estimate,
  type FalsePositivesByKind,
  type Metrics,
  type MetricsFile,
  type MulticlassMetrics,
  metricsFileSchema,
  metricsSchema,
  readMetrics,
  writeMetrics,
} from "./schema.ts";
export { ranking, type ScoredImages, writeScores } from "./scores.ts";
export { type Scoring, type ScoringOptions, scoreImages } from "./scoring.ts";
export { openSeal, SEAL_FILE, type SealOpening, sealOpenings } from "./seal.ts";
export { type SealedTest, type SealedTestOptions, testOnSealedSplit } from "./sealed-test.ts";
export { openedFor, openSharedSeal, readSharedSeal, type SharedSeal } from "./shared-seal.ts";
export { type TableTestOptions, testScoreTables } from "./table-test.ts";
export {
  parseThreshold,
  ruleText,
  THRESHOLD_FORMS,
  type ThresholdRule,
  thresholdAtFpr,
  thresholdBy,
  thresholdOfTop,
} from "./threshold.ts";
export { truthColumnsOf } from "./truth-columns.ts";
