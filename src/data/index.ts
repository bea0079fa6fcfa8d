/** Datasets: folders of images with a table, made, opened, split, drawn from, augmented and preprocessed. */
export { type Augmentation, augment, augmentation, none, strong, weak } from "./augment.ts";
export {
  type Balance,
  type SourceBatch,
  sourceBatch,
  sourceSampler,
  type TargetBatch,
  targetBatch,
} from "./batches.ts";
export { Dataset, type ImageDomain, type ImageInfo, openDataset, type Rows } from "./dataset.ts";
export { checkDisjoint } from "./disjoint.ts";
export { fileHash, imageHash } from "./hash.ts";
export { type ImportExtras, type ImportReport, importImages } from "./import.ts";
export { type ImportConfig, type ImportOptions, importConfig } from "./import-config.ts";
export { type DatasetInfo, datasetInfo, type PixelKind, SPLITS, type Split } from "./info.ts";
export { type NpyHeader, NpyReader } from "./npy.ts";
export { NpyWriter } from "./npy-writer.ts";
export { PAINTED_CLASSES, type PaintReport, paint } from "./paint.ts";
export { type PaintConfig, paintConfig } from "./painting/config.ts";
export {
  applyRecipe,
  checkRecipe,
  fitRecipe,
  RECIPE_KINDS,
  type Recipe,
  type RecipeKind,
  recipe,
} from "./preprocess.ts";
export { QUARANTINE_FILE } from "./quarantine.ts";
export { BalancedSampler, BatchSampler, type Sampler } from "./sampler.ts";
export { type SimulateOptions, sceneText, simulate } from "./simulated.ts";
export { type SimulateConfig, simulateConfig } from "./simulating/config.ts";
export { type Examples, examplesByKind } from "./simulating/preview.ts";
export { assignSplits, type Fractions } from "./split.ts";
export { type ColumnType, Table, type Value } from "./table.ts";
export { openTarget, TargetDataset } from "./target.ts";
export { rowsWhere } from "./where.ts";
export { type DatasetRow, type DatasetSpec, DatasetWriter, type Settled, writeDataset } from "./writer.ts";
