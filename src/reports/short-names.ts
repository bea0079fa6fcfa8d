/** Names of folders in tables and figures. */
import { basename } from "node:path";

/** Names that differ: the folders' own if these do, else the whole paths. */
export function shortNames(paths: readonly string[]): string[] {
  const short = paths.map((path) => basename(path.replace(/\/+$/, "")));
  return new Set(short).size === short.length ? short : [...paths];
}
