/** What folders are called in tables and figures. */
import { basename } from "node:path";

/** Short names that differ: the folders' own where they do, else the whole paths. */
export function shortNames(paths: readonly string[]): string[] {
  const short = paths.map((path) => basename(path.replace(/\/+$/, "")));
  return new Set(short).size === short.length ? short : [...paths];
}
