/** Hashes of pixels and files. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../foundation/files.ts";
import type { ShardValues } from "./npy-writer.ts";

/** The column that holds each image's hash. */
export const IMAGE_HASH = "image_sha";

/**
 * Hash of one image's bytes as stored in a shard: the first 32 hex digits of SHA-256. Two images of the same
 * shape have the same hash if they are the same to the last pixel.
 */
export function imageHash(image: ShardValues): string {
  const bytes = new Uint8Array(image.buffer, image.byteOffset, image.byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

/** SHA-256 of a file, in hex. @param tick called with how many more bytes were read */
export function fileHash(path: string, tick: (bytes: number) => void = () => {}): string {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1 << 20);
  guarded(path, () => {
    const file = openSync(path, "r");
    try {
      for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
        hash.update(chunk.subarray(0, count));
        tick(count);
      }
    } finally {
      closeSync(file);
    }
  });
  return hash.digest("hex");
}

/**
 * One hash for the content of a folder's files: SHA-256 of the lines `sha256sum` prints for them, in order.
 *
 * @param present the name that a file has in the folder for now, if it is another
 * @param known hashes of files under their own names, which need not be read again
 */
export function contentHash(
  folder: string,
  files: readonly string[],
  present = (file: string): string => file,
  known: ReadonlyMap<string, string> = new Map(),
): string {
  const hashOf = (file: string) => {
    const now = present(file);
    return (now === file ? known.get(file) : undefined) ?? fileHash(join(folder, now));
  };
  return contentHashOf(new Map(files.map((file) => [file, hashOf(file)])));
}

/** `contentHash` from the hashes of the files, by name. */
export function contentHashOf(hashes: ReadonlyMap<string, string>): string {
  const lines = [...hashes].map(([file, hash]) => `${hash}  ${file}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}
