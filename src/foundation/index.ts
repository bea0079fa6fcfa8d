/** What every room may use: refusals, whole files, progress, interruption, configuration. */
export {
  describeConfig,
  type FieldRow,
  type Layers,
  type Origin,
  type Resolved,
  resolveConfig,
} from "./config.ts";
export { ArcletError, EXIT, Interrupted, refuse, show } from "./errors.ts";
export { fileError, guarded, readJson, writeFileWhole, writeFolderWhole } from "./files.ts";
export { interrupted, listenForInterrupts, safePoint } from "./interrupt.ts";
export { nearest } from "./nearest.ts";
export { duration, type Progress, progress } from "./progress.ts";
export { sparkline } from "./sparkline.ts";
export { firstOf, flowLists, readYaml, spelled, toldIssue, type YamlFile } from "./yaml.ts";
