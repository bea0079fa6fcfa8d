/** Datasets: folders of images with a table; opening, splitting, sampling, augmenting and preprocessing them. */
export { Dataset, type ImageDomain, type ImageInfo, openDataset, type Rows } from "./dataset.ts";
export { GradedDataset, openGraded } from "./graded/graded-dataset.ts";
export { type GradedRows, openGradedRows } from "./graded/graded-rows.ts";
export { type Grading, readGrades } from "./graded/grades.ts";
export type { GradedRecord } from "./graded/record.ts";
export { type DatasetInfo, type PixelKind, SPLITS, type Split } from "./info.ts";
export { NpyReader } from "./npy.ts";
export { NpyWriter } from "./npy-writer.ts";
export { type ResplitConfig, resplitConfig } from "./splitting/config.ts";
export { checkDisjoint } from "./splitting/disjoint.ts";
export { findLeaks } from "./splitting/leaks/find.ts";
export type { Leak, LeakKind } from "./splitting/leaks/leak.ts";
export { resplit } from "./splitting/resplit.ts";
export type { ResplitReport } from "./splitting/resplit-folder.ts";
export { openUnlabelled, UnlabelledDataset } from "./unlabelled.ts";
export { augment } from "./views/augment.ts";
export { type Augmentation, augmentation, deeplenseViews, strong, weak } from "./views/augmenting/policy.ts";
export type { Fitting } from "./views/fitting/config.ts";
export { fitImages, type Needs } from "./views/fitting/fit.ts";
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
} from "./views/preprocessing/registry.ts";
export { rowsWhere } from "./where.ts";
export { type DatasetRow, type DatasetSpec, DatasetWriter, type Settled, writeDataset } from "./writer.ts";
