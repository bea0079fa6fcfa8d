/** Datasets: folders of images with a table, made, opened, split, drawn from, augmented and preprocessed. */
export { adaptImages, type Needs } from "./adapting/adapt.ts";
export { type Adapting, adaptingFields } from "./adapting/config.ts";
export {
  type Augmentation,
  augment,
  augmentation,
  changesStored,
  checkPolicy,
  none,
  observed,
  seedViews,
  strong,
  weak,
} from "./augment.ts";
export {
  type Balance,
  type SourceBatch,
  sourceBatch,
  sourceSampler,
  type TargetBatch,
  targetBatch,
} from "./batches.ts";
export {
  type Catalog,
  type CatalogColumn,
  type CatalogOptions,
  catalogOf,
  type Rows as CatalogRows,
  rowsOf,
} from "./catalog/catalog.ts";
export { formatByName, formatOf } from "./catalog/format.ts";
export { type NamedTable, namedTable } from "./catalog/named.ts";
export { type CatalogObjects, objectsOf } from "./catalog/objects.ts";
export { readCatalog } from "./catalog/read.ts";
export { type AskedRoles, idColumn, rolesOf } from "./catalog/roles.ts";
export { type WriteOptions, writeCatalog } from "./catalog/write.ts";
export { type CutoutsReport, cutouts } from "./cutouts.ts";
export { type CutoutsConfig, cutoutsConfig } from "./cutting/config.ts";
export { Dataset, type ImageDomain, type ImageInfo, openDataset, type Rows } from "./dataset.ts";
export { type DetectConfig, detectConfig } from "./detecting/config.ts";
export { type DetectReport, detectSources } from "./detecting/detected.ts";
export { checkDisjoint } from "./disjoint.ts";
export { fileHash, imageHash } from "./hash.ts";
export { type ImportExtras, type ImportReport, importImages } from "./import.ts";
export { type ImportConfig, type ImportOptions, importConfig } from "./import-config.ts";
export { type DatasetInfo, datasetInfo, type PixelKind, SPLITS, type Split } from "./info.ts";
export { readKnown } from "./leaks/catalogue.ts";
export { ALIKE, findLeaks, SAME_PLACE, tally } from "./leaks/find.ts";
export { LEAK_KINDS, type Leak, type LeakKind, leaksCsv, sentence } from "./leaks/leak.ts";
export { readRows } from "./leaks/rows.ts";
export { type NpyHeader, NpyReader } from "./npy.ts";
export { NpyWriter } from "./npy-writer.ts";
export { PAINTED_CLASSES, type PaintReport, paint } from "./paint.ts";
export { type PaintConfig, paintConfig } from "./painting/config.ts";
export {
  applyRecipe,
  channelsOf,
  checkRecipe,
  fitRecipe,
  RECIPE_KINDS,
  type Recipe,
  type RecipeKind,
  recipe,
  recipesText,
  type StretchOptions,
  stretchOptions,
} from "./preprocess.ts";
export { QUARANTINE_FILE } from "./quarantine.ts";
export { resplit } from "./resplit.ts";
export { type ResplitConfig, resplitConfig } from "./resplit-config.ts";
export type { ResplitReport } from "./resplit-folder.ts";
export { BalancedSampler, BatchSampler, type Sampler } from "./sampler.ts";
export { type SimulateOptions, sceneText, simulate } from "./simulated.ts";
export { arcSignal, lensedRows } from "./simulating/arcs.ts";
export { type SimulateConfig, simulateConfig } from "./simulating/config.ts";
export { type Examples, examplesByKind } from "./simulating/preview.ts";
export { assignFolds, assignSplits, type Fractions } from "./split.ts";
export { type ColumnType, Table, type Value } from "./table.ts";
export { openTarget, TargetDataset } from "./target.ts";
export { rowsWhere } from "./where.ts";
export { type DatasetRow, type DatasetSpec, DatasetWriter, type Settled, writeDataset } from "./writer.ts";
