/** How well a finder works, in numbers: metrics, intervals, calibration, comparison, explanation, realism. */
export { type BootstrapOptions, bootstrapByGroup } from "./bootstrap.ts";
export { computeCalibration } from "./calibrated.ts";
export {
  brierScore,
  expectedCalibrationError,
  logLoss,
  type ReliabilityBin,
  reliabilityBins,
} from "./calibration.ts";
export {
  crossFitted,
  evidenceOf,
  type Fit,
  type FitOptions,
  fitCombination,
  type GradedScores,
} from "./combination/fit.ts";
export { pairedGain } from "./combination/gain.ts";
export { holm } from "./comparison/holm.ts";
export { meanAuroc, type OverSeeds, overSeeds } from "./comparison/over-seeds.ts";
export { COMPLETENESS_COLUMNS, computeCompleteness, falsePositivesByKind } from "./completeness.ts";
export { type ConformalThreshold, conformalThreshold } from "./conformal.ts";
export { type Drawn, drawSample, type SampleRow } from "./designed-sample/drawing.ts";
export { type SampleConfig, sampleConfig } from "./designed-sample/sample-config.ts";
export {
  type AtThreshold,
  type FigureOptions,
  type GradedStratum,
  type SurveyFigures,
  surveyFigures,
} from "./designed-sample/survey-figures.ts";
export type { Explainer } from "./explanation/explainer.ts";
export { type Explanation, heatMaps } from "./explanation/heat.ts";
export { type OcclusionOptions, occlusionMaps } from "./explanation/occlusion.ts";
export { type SanityOfMethod, sanityOf } from "./explanation/sanity.ts";
export type { Output } from "./explanation/score.ts";
export { nearestRows } from "./features/neighbours.ts";
export { type Principal, principal } from "./features/pca.ts";
export { linearProbe, type Probe } from "./features/probe.ts";
export { type UmapOptions, umap } from "./features/umap.ts";
export { runTest, type TestResult, type TestRows } from "./finder-test.ts";
export { type DawidSkene, dawidSkene, type Graded } from "./grading/dawid-skene.ts";
export { krippendorffAlpha } from "./grading/krippendorff.ts";
export { type DeLong, delong, delongPaired, type Interval, type PairedDeLong, wilson } from "./intervals.ts";
export { type Judged, readJudged, type Truth } from "./judged.ts";
export { computeMetrics, type MetricsInput, metricsOf } from "./metrics.ts";
export { computeMulticlass, type MulticlassInput } from "./multiclass.ts";
export { averagePrecisionInterval } from "./precision-interval.ts";
export { rankCorrelation } from "./rank-correlation.ts";
export { type RankedScores, rankScores, type Scores } from "./ranked.ts";
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
export { type Difference, difference } from "./realism/difference.ts";
export { measureRealism, type Realism, type RealismOptions, type Sample } from "./realism/realism.ts";
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
  readMetrics,
  writeMetrics,
} from "./schema.ts";
export { writeScores } from "./scores.ts";
export { openSeal, type SealOpening, sealOpenings } from "./seal.ts";
export { thresholdAtFpr, thresholdOfTop } from "./threshold.ts";
