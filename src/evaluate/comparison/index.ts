/** Finders compared: means over seeds, paired differences, validators against the truth, ensembles, and their tables. */
export { comparisonFigure } from "./dot-plot.ts";
export { type Logits, logOddsOf, meanOf, probabilityOf, stack } from "./ensembles.ts";
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
} from "./entries.ts";
export { holm } from "./holm.ts";
export { type Components, componentsOf, less, meanAuroc, type OverSeeds, overSeeds } from "./over-seeds.ts";
export { SEED_ENCODERS, SEED_TABLE, seedAuroc } from "./seed-project.ts";
export {
  differencesCsv,
  differenceTable,
  differenceText,
  entriesCsv,
  type Failed,
  failedTable,
  lineTable,
  over,
  seedTable,
  signed,
  validatorTable,
} from "./tables.ts";
export {
  type JudgedEpoch,
  judgeValidators,
  regret,
  type ValidatorQuality,
} from "./validators.ts";
