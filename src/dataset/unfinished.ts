/** Folders in the making that outlive the program: what was begun, by what configuration, and what of it is whole. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ArcletError, Interrupted, refuse, show } from "../foundation/errors.ts";
import { fileError, guarded, readJson, UNFINISHED_FILE, writeFileWhole } from "../foundation/files.ts";
import { takeLock } from "../foundation/lock.ts";
import { IMAGE_HASH, imageHash } from "./hash.ts";
import { shardName } from "./info.ts";
import { HEADER_BYTES } from "./npy-writer.ts";
import { type Columns, type Kept, loggedRows } from "./row-log.ts";

/** What makes a dataset what it is, by name: with the same values a second program may go on where one stopped. */
export type Identity = Readonly<Record<string, unknown>>;

/**
 * Builds a folder beside its place and moves it there when `fill` has ended, as `writeFolderWhole` does; but what is
 * there stays when the program is killed or interrupted, or the disk is full, and is gone on with the next time.
 *
 * @param about is kept from the first time and given to `fill`
 * @throws ArcletError when `path` exists, was begun with another identity, or another program is at work on it
 */
export async function continueFolder<T>(
  path: string,
  identity: Identity,
  about: T,
  fill: (partial: string, about: T) => Promise<void>,
): Promise<void> {
  if (existsSync(path)) refuse("write", "folder", "a name that is not taken", path);
  const partial = `${path}.partial`;
  const begun = join(partial, UNFINISHED_FILE);
  guarded(path, () => mkdirSync(dirname(partial), { recursive: true }));
  const unlock = guarded(path, () => takeLock(`${partial}.lock`, partial));
  try {
    let kept = about;
    if (existsSync(begun)) {
      const was = readJson(begun) as { identity: Identity; about: T };
      refuseOther(partial, was.identity, identity);
      kept = was.about;
    } else
      guarded(path, () => {
        rmSync(partial, { recursive: true, force: true });
        mkdirSync(partial, { recursive: true });
        writeFileWhole(begun, JSON.stringify({ identity, about }));
      });
    try {
      await fill(partial, kept);
      rmSync(begun);
      renameSync(partial, path);
    } catch (error) {
      if (refused(error)) rmSync(partial, { recursive: true, force: true });
      throw fileError(path, error);
    }
  } finally {
    unlock();
  }
}

/** Whether the same would happen the next time: a refusal, not a wish to stop or a full disk. */
function refused(error: unknown): boolean {
  if (!(error instanceof ArcletError) || error instanceof Interrupted) return false;
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === undefined;
}

function refuseOther(partial: string, was: Identity, now: Identity): void {
  for (const key of new Set([...Object.keys(was), ...Object.keys(now)])) {
    if (JSON.stringify(was[key]) === JSON.stringify(now[key])) continue;
    const values = `${key} ${show(was[key])}, now ${show(now[key])}`;
    throw new ArcletError({
      where: partial,
      code: "conflict",
      problem: `was begun with ${values}: end it with that, remove it, or take another name`,
    });
  }
}

/**
 * How much of an unfinished dataset is whole: rows whose images are on the disk. Full shards were waited for when they
 * were closed; the images of the last one are held against their hashes.
 *
 * @param log the rows' file
 * @param perShard images of a full shard; `bytes` of one image
 */
export function wholeRows(
  partial: string,
  log: string,
  columns: Columns,
  perShard: number,
  bytes: number,
): Kept {
  if (!existsSync(log)) return { rows: 0, bytes: 0 };
  const [shardAt, rowAt, hashAt] = ["shard", "row", IMAGE_HASH].map((name) =>
    columns.findIndex(([column]) => column === name),
  ) as [number, number, number];
  let rows = 0;
  let last: { hash: string; bytes: number }[] = [];
  let before = 0; // bytes of the log up to the last shard
  let room = 0; // images that the last shard's file has room for
  for (const { value: values, end } of loggedRows(log, columns)) {
    const [shard, row] = [Math.floor(rows / perShard), rows % perShard];
    if (Number(values[shardAt]) !== shard || Number(values[rowAt]) !== row) break;
    if (row === 0) {
      before = last.at(-1)?.bytes ?? 0;
      last = [];
      room = imagesIn(join(partial, shardName(shard)), bytes);
    }
    if (row >= room) break;
    last.push({ hash: String(values[hashAt]), bytes: end });
    rows++;
  }
  const good = goodImages(partial, rows, perShard, bytes, last);
  return { rows: rows - last.length + good, bytes: good === 0 ? before : last[good - 1]!.bytes };
}

function imagesIn(file: string, bytes: number): number {
  if (!existsSync(file)) return 0;
  return Math.floor((guarded(file, () => statSync(file).size) - HEADER_BYTES) / bytes);
}

/** Images of the last shard, from its first on, that are what their rows say. */
function goodImages(
  partial: string,
  rows: number,
  perShard: number,
  bytes: number,
  last: readonly { hash: string }[],
): number {
  if (last.length === 0) return 0;
  const path = join(partial, shardName(Math.floor((rows - 1) / perShard)));
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const image = new Uint8Array(bytes);
    const bad = last.findIndex(({ hash }, i) => {
      const got = guarded(path, () => readSync(file, image, 0, bytes, HEADER_BYTES + i * bytes));
      return got !== bytes || imageHash(image) !== hash;
    });
    return bad < 0 ? last.length : bad;
  } finally {
    closeSync(file);
  }
}
