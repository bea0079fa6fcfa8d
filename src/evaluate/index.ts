/** Metrics, intervals, figures and reports: how well a finder works, said honestly. */
export { type BootstrapOptions, bootstrapByGroup } from "./bootstrap.ts";
export { type CalibrationInput, computeCalibration } from "./calibrated.ts";
export {
  brierScore,
  expectedCalibrationError,
  logLoss,
  type ReliabilityBin,
  reliabilityBins,
} from "./calibration.ts";
export { Canvas } from "./canvas.ts";
export * from "./comparison/index.ts";
export {
  COMPLETENESS_COLUMNS,
  computeCompleteness,
  falsePositivesByKind,
  type NumberColumn,
  type TruthColumns,
} from "./completeness.ts";
export { completenessFigure, completenessMapFigure } from "./completeness-figures.ts";
export { type ConformalThreshold, conformalThreshold } from "./conformal.ts";
export { type DisplayOptions, displayRgb, type ImageStack, type Rgb } from "./display.ts";
export * from "./explanation/index.ts";
export * from "./features/index.ts";
export {
  type HistogramOptions,
  reliabilityFigure,
  type ScoreSeries,
  scoreHistogram,
  type TrainingFigureOptions,
  type TrainingSeries,
  trainingFigure,
} from "./figures.ts";
export {
  type DeLong,
  delong,
  delongPaired,
  type Interval,
  type PairedDeLong,
  wilson,
} from "./intervals.ts";
export { type Judged, readJudged, type Truth } from "./judged.ts";
export { type LabelledMosaicOptions, type LabelledRow, labelledMosaicPng } from "./labelled-mosaic.ts";
export { LETTER } from "./lettering.ts";
export { type MeanInterval, meanInterval } from "./mean-interval.ts";
export { computeMetrics, type MetricsInput } from "./metrics.ts";
export {
  type Candidates,
  type MosaicOptions,
  mosaicPng,
  picturePng,
  type Tile,
  topTiles,
} from "./mosaic.ts";
export { computeMulticlass, type MulticlassInput, oneVsRest } from "./multiclass.ts";
export { standaloneSvg } from "./plot.ts";
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
export * from "./realism/index.ts";
export {
  type Headline,
  type ReportContent,
  type ReportData,
  type ReportFigure,
  type ReportMosaic,
  type ReportSplit,
  type ReportTable,
  reportHtml,
  writeReport,
} from "./report.ts";
export { type RocFigureOptions, type RocSeries, rocFigure } from "./roc-figure.ts";
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
export {
  ranking,
  type ScoredImages,
  writeScores,
} from "./scores.ts";
export { openSeal, SEAL_FILE, type SealOpening, sealOpenings } from "./seal.ts";
export { openedFor, openSharedSeal, readSharedSeal, type SharedSeal } from "./shared-seal.ts";
export {
  type Cell,
  cellText,
  type MethodRow,
  markdownTable,
  methodTable,
  type Table,
  textTable,
} from "./table.ts";
export { runTest, type TestResult, type TestRows } from "./test.ts";
export {
  parseThreshold,
  ruleText,
  THRESHOLD_FORMS,
  type ThresholdRule,
  thresholdAtFpr,
  thresholdOfTop,
} from "./threshold.ts";
export { truthColumnsOf } from "./truth-columns.ts";
