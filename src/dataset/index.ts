/** Datasets: folders of images with a table, opened, split, drawn from, augmented and preprocessed. */
export {
  type Balance,
  type SourceBatch,
  sourceBatch,
  sourceSampler,
  type TargetBatch,
  targetBatch,
} from "./batches.ts";
export { Dataset, type ImageDomain, type ImageInfo, openDataset, type Rows } from "./dataset.ts";
export { fileHash, imageHash } from "./hash.ts";
export { type DatasetInfo, datasetInfo, type PixelKind, SPLITS, type Split } from "./info.ts";
export { type NpyHeader, NpyReader } from "./npy.ts";
export { NpyWriter } from "./npy-writer.ts";
export { BalancedSampler, BatchSampler, type Sampler } from "./sampler.ts";
export { SET_ASIDE_FILE } from "./set-aside.ts";
export { type ResplitConfig, resplitConfig } from "./splitting/config.ts";
export { checkDisjoint } from "./splitting/disjoint.ts";
export { readKnown } from "./splitting/leaks/catalogue.ts";
export { ALIKE, findLeaks, SAME_PLACE, tally } from "./splitting/leaks/find.ts";
export { LEAK_KINDS, type Leak, type LeakKind, leaksCsv, sentence } from "./splitting/leaks/leak.ts";
export { readRows } from "./splitting/leaks/rows.ts";
export { resplit } from "./splitting/resplit.ts";
export type { ResplitReport } from "./splitting/resplit-folder.ts";
export { assignFolds, assignSplits, type Fractions } from "./splitting/split.ts";
export { openUnlabelled, UnlabelledDataset } from "./unlabelled.ts";
export { augment, observed } from "./views/augment.ts";
export {
  type Augmentation,
  augmentation,
  changesStored,
  checkPolicy,
  deeplenseViews,
  none,
  strong,
  weak,
} from "./views/augmenting/policy.ts";
export { type Fitting, fittingFields } from "./views/fitting/config.ts";
export { fitImages, type Needs } from "./views/fitting/fit.ts";
export { applyPreprocessing, channelsOf, checkPreprocessing, fitPreprocessing } from "./views/preprocess.ts";
export {
  about,
  banded,
  type Kind,
  kindOf,
  type StretchOptions,
  stretchOptions,
} from "./views/preprocessing/kind.ts";
export {
  type Preprocessing,
  preprocessing,
  preprocessings,
  preprocessingsText,
} from "./views/preprocessing/registry.ts";
export { rowsWhere } from "./where.ts";
export { type DatasetRow, type DatasetSpec, DatasetWriter, type Settled, writeDataset } from "./writer.ts";
