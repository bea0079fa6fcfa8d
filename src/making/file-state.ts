/** What files are recognised by without reading them: for resuming, and for plans of shards. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { guarded } from "../foundation/files.ts";

export const digest = (parts: Iterable<string>): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part}\n`);
  return hash.digest("hex").slice(0, 32);
};

/** A file's path, size and time of change. @throws ArcletError when it is missing */
export function fileState(path: string): string {
  const { size, mtimeMs } = guarded(path, () => statSync(path));
  return `${path} ${size} ${mtimeMs}`;
}

/** The same; a file that is missing has the state of being so. */
export const fileStateOrNone = (path: string): string => {
  const found = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
  return found === undefined ? `${path} absent` : `${path} ${found.size} ${found.mtimeMs}`;
};
