/** An import's files, for provenance. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { fileHash } from "../../dataset/hash.ts";

export const hashedFile = (path: string) => ({
  file: basename(path),
  bytes: statSync(path).size,
  sha256: fileHash(path),
});
