/** The datasets that one scoring takes: a dataset's folder, or all in a folder. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { INFO_FILE } from "../../dataset/info.ts";
import { guarded } from "../../foundation/files.ts";

const isDataset = (path: string): boolean => existsSync(join(path, INFO_FILE)) && !path.endsWith(".partial");

/** Whether a path is a folder of datasets. */
export function holdsDatasets(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isDirectory() || isDataset(path)) return false;
  return guarded(path, () => readdirSync(path)).some((name) => isDataset(join(path, name)));
}

/** The datasets' folders, by name; the path itself if it is no folder of datasets. */
export function datasetsAt(path: string): string[] {
  if (!holdsDatasets(path)) return [path];
  return guarded(path, () => readdirSync(path))
    .sort()
    .map((name) => join(path, name))
    .filter(isDataset);
}
