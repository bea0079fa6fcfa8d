/** Whether a dataset's files are those that were written: held against the content hash in its `dataset.json`. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { progress } from "../foundation/progress.ts";
import { fileHashes } from "./file-hashes.ts";
import { contentHashOf, fileHash, imageHash } from "./hash.ts";
import { type DatasetInfo, INFO_FILE, TABLE_FILE } from "./info.ts";
import { NpyReader } from "./npy.ts";
import type { ShardValues } from "./npy-writer.ts";

const MIB = 2 ** 20;
/** Bytes of files that are long to read. */
const LONG = 2 ** 28;

/** A dataset's rows, as far as they say where images lie. */
export interface Written {
  folder: string;
  info: Pick<DatasetInfo, "shards" | "contentHash">;
  ids: readonly string[];
  /** Of the images, by row; null where the table has none. */
  hashes: readonly string[] | null;
  /** The shard of each row's image, and its index there. */
  shard: readonly number[];
  index: readonly number[];
}

/**
 * Reads all of a dataset's files, unless they are being read already.
 *
 * @param hash the content hash of the files as they are now
 * @throws ArcletError when they are not what was written, naming the first image that is not; Interrupted when the user stops
 *   it
 */
export async function verifyFiles(
  written: Written,
  hash = contentHashNow(written.folder, written.info),
): Promise<void> {
  const { folder, info } = written;
  const now = await hash;
  if (now === info.contentHash) return;
  const damaged = await changedImage(written);
  if (damaged !== undefined) throw damaged;
  throw new ArcletError({
    where: folder,
    code: "conflict",
    problem: `has changed since it was written (content hash ${now})`,
    fix: `if you changed it, put that hash into its ${INFO_FILE}`,
  });
}

/**
 * The content hash of a dataset's files as they are now. All are read.
 *
 * @param long bytes from which on all cores read, and progress is shown
 * @param stop ends the reading of long files, which throws its reason
 * @throws ArcletError naming a file that can't be read; Interrupted when the user stops it
 */
export async function contentHashNow(
  folder: string,
  info: Pick<DatasetInfo, "shards">,
  long = LONG,
  stop?: AbortSignal,
): Promise<string> {
  const names = [...info.shards.map(({ file }) => file), TABLE_FILE];
  const paths = names.map((name) => join(folder, name));
  const bytes = paths.reduce((sum, path) => sum + sizeOf(path), 0);
  const hashes = await (bytes < long ? hashesOf(paths) : shownHashes(paths, basename(folder), bytes, stop));
  return contentHashOf(new Map(names.map((name, k) => [name, hashes[k]!])));
}

/** Bytes; 0 of a file that is not there, which reading it says. */
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

async function hashesOf(paths: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const path of paths) {
    hashes.push(fileHash(path));
    await safePoint("nothing was written");
  }
  return hashes;
}

async function shownHashes(
  paths: readonly string[],
  name: string,
  bytes: number,
  stop?: AbortSignal,
): Promise<readonly string[]> {
  const bar = progress(`check ${name}`, Math.floor(bytes / MIB), "MiB");
  let [read, shown] = [0, 0];
  try {
    const tick = (more: number) => {
      read += more;
      bar.tick(Math.floor(read / MIB) - shown);
      shown = Math.floor(read / MIB);
    };
    return await fileHashes(paths, tick, stop);
  } finally {
    bar.done();
  }
}

/** The first image that does not have the hash in its row; undefined if all have. */
async function changedImage(written: Written): Promise<ArcletError | undefined> {
  const { folder, info, ids, hashes, shard: shards, index } = written;
  if (hashes === null) return undefined;
  for (const [k, { file }] of info.shards.entries()) {
    const shard = new NpyReader(join(folder, file));
    try {
      for (let row = 0; row < ids.length; row++) {
        if (shards[row] !== k || imageHash(shard.read(index[row]!) as ShardValues) === hashes[row]) continue;
        return new ArcletError({
          where: shard.path,
          code: "broken",
          problem: `is damaged: image ${index[row]} (${ids[row]}) is not the one that was written`,
          fix: "bring the file back from a copy, or make the dataset again",
        });
      }
    } finally {
      shard.close();
    }
    await safePoint("nothing was written");
  }
  return undefined;
}
