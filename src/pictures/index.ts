/** Plots, mosaics and colour composites. */
export { completenessFigure, completenessMapFigure } from "./completeness-figures.ts";
export { type DisplayOptions, displayRgb, type ImageStack, type Rgb } from "./display.ts";
export { comparisonFigure } from "./dot-plot.ts";
export {
  type EmbeddedRun,
  type EmbeddingFigureOptions,
  type EmbeddingPoints,
  embeddingFigure,
} from "./embedding-figure.ts";
export {
  type HistogramOptions,
  reliabilityFigure,
  type ScoreSeries,
  scoreHistogram,
} from "./figures.ts";
export { type LabelledMosaicOptions, type LabelledRow, labelledMosaicPng } from "./labelled-mosaic.ts";
export { type Candidates, type MosaicOptions, mosaicPng, type Tile, topTiles } from "./mosaic.ts";
export { type RocFigureOptions, type RocSeries, rocFigure } from "./roc-figure.ts";
export { standaloneSvg } from "./standalone-svg.ts";
export { type Cell, type MethodRow, markdownTable, methodTable, type Table, textTable } from "./table.ts";
export { type TrainingFigureOptions, type TrainingSeries, trainingFigure } from "./training-figure.ts";
