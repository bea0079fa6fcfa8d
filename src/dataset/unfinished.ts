/** Unfinished folders that outlive the program: the settings they were started with, and how much of them is whole. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ArcletError, Interrupted, refuse, show } from "../foundation/errors.ts";
import {
  fileError,
  guarded,
  readJson,
  refuseLink,
  UNFINISHED_FILE,
  writeFileWhole,
} from "../foundation/files.ts";
import { takeLock } from "../foundation/lock.ts";
import { IMAGE_HASH, imageHash } from "./hash.ts";
import { INFO_FILE, shardName } from "./info.ts";
import { HEADER_BYTES } from "./npy-writer.ts";
import { type Columns, type Kept, loggedRows, ROWS_FILE } from "./row-log.ts";

/** What makes a dataset what it is, by name: with the same values a second program may resume what one started. */
export type Identity = Readonly<Record<string, unknown>>;

/**
 * Builds a folder beside `path` and renames it to that once `fill` has ended, as `writeFolderWhole` does; but what was
 * made stays whatever ends it (a kill, an interruption, a full disk, a refusal at the end), and is resumed the next time.
 * Only a folder in which nothing was made is removed, after a refusal.
 *
 * @param about given to `fill`; when resumed, the first call's
 * @param holdsWork whether there is something in the folder that took time to make
 * @throws ArcletError when `path` exists, was started with another identity, or another program is working on it
 */
export async function continueFolder<T>(
  path: string,
  identity: Identity,
  about: T,
  fill: (partial: string, about: T) => Promise<void>,
  holdsWork: (partial: string) => boolean = holdsRows,
): Promise<void> {
  if (existsSync(path) && !existsSync(join(path, UNFINISHED_FILE)))
    refuse("write", "folder", "a name that is not taken", path, "conflict");
  const partial = `${path}.partial`;
  const startFile = join(partial, UNFINISHED_FILE);
  refuseLink(partial);
  guarded(path, () => mkdirSync(dirname(partial), { recursive: true }));
  const unlock = guarded(path, () => takeLock(`${partial}.lock`, partial));
  try {
    if (isOnlyMarked(path, identity)) return;
    if (existsSync(path)) refuse("write", "folder", "a name that is not taken", path, "conflict");
    let kept = about;
    if (existsSync(startFile)) {
      const was = startedWith<T>(startFile);
      refuseOther(partial, was.identity, identity);
      kept = was.about;
    } else begin(path, partial, startFile, JSON.stringify({ identity, about }));
    try {
      await fill(partial, kept);
      if (existsSync(path)) refuse("write", "folder", "a name that is not taken", path, "conflict");
      renameSync(partial, path); // with its mark: without one a kill just before would make the folder a stranger's
    } catch (error) {
      throw afterFailure(path, partial, error, holdsWork(partial));
    }
    rmSync(join(path, UNFINISHED_FILE), { force: true });
  } finally {
    unlock();
  }
}

/** Whether the folder is finished but for its mark, because the program was killed between the last two steps; ends it. */
function isOnlyMarked(path: string, identity: Identity): boolean {
  const mark = join(path, UNFINISHED_FILE);
  if (!existsSync(mark)) return false;
  const { identity: made } = startedWith<unknown>(mark);
  if (JSON.stringify(made) !== JSON.stringify(identity)) return false;
  guarded(path, () => rmSync(mark));
  return true;
}

/** Makes the folder and marks it. @throws ArcletError when there is one of another origin with something in it */
function begin(path: string, partial: string, startFile: string, start: string): void {
  guarded(path, () => {
    mkdirSync(partial, { recursive: true });
    const other = readdirSync(partial).find((file) => !file.startsWith(UNFINISHED_FILE));
    if (other !== undefined)
      throw new ArcletError({
        where: partial,
        code: "conflict",
        problem: `holds ${other}, which this command did not make`,
        fix: "move or remove it, or choose another name",
      });
    writeFileWhole(startFile, start);
  });
}

/** What is thrown after a failure: with the way on if something was made, which then stays. */
function afterFailure(path: string, partial: string, error: unknown, kept: boolean): unknown {
  const known = fileError(path, error);
  if (!kept) {
    if (wouldRecur(error)) rmSync(partial, { recursive: true, force: true });
    return known;
  }
  if (!(known instanceof ArcletError) || known instanceof Interrupted) return known;
  const way = `what was made is kept in ${partial}: the same command resumes there, or remove it to start again`;
  const fix = known.data.fix === undefined ? way : `${known.data.fix}; ${way}`;
  return new ArcletError({ ...known.data, fix }, { cause: known });
}

/** Whether any file is whole in it, for folders that hold no dataset. */
export const holdsFiles = (partial: string): boolean =>
  readdirSync(partial, { withFileTypes: true }).some(
    (entry) =>
      entry.isDirectory() || !(entry.name.startsWith(UNFINISHED_FILE) || entry.name.endsWith(".partial")),
  );

function holdsRows(partial: string): boolean {
  const log = join(partial, ROWS_FILE);
  return existsSync(join(partial, INFO_FILE)) || (existsSync(log) && statSync(log).size > 0);
}

/** @throws ArcletError when the file is not what an unfinished folder holds */
function startedWith<T>(startFile: string): { identity: Identity; about: T } {
  const was = readJson(startFile) as { identity?: unknown; about?: T } | null;
  const { identity, about } = was ?? {};
  if (identity === null || typeof identity !== "object" || about === undefined)
    throw new ArcletError({
      where: startFile,
      code: "broken",
      problem: "does not say what the folder was started with: remove the folder, or choose another name",
    });
  return { identity: identity as Identity, about };
}

/** Whether the same would happen the next time: a refusal, not an interruption or a full disk. */
function wouldRecur(error: unknown): boolean {
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
      problem: `was started with ${values}: finish it with that, remove it, or choose another name`,
    });
  }
}

/**
 * How much of an unfinished dataset is whole: rows whose images are on disk. A full shard was on the disk before the one
 * after the next was begun; the images of the last two are checked against their hashes.
 *
 * @param log the rows' file
 * @param perShard images of a full shard
 * @param bytes of one image
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
  let last: LoggedImage[] = [];
  let before: LoggedImage[] = [];
  let synced = 0; // bytes of the log up to the last two shards
  let capacity = 0; // images that the last shard's file may hold by its size
  for (const { value: values, end } of loggedRows(log, columns)) {
    const [shard, row] = [Math.floor(rows / perShard), rows % perShard];
    if (Number(values[shardAt]) !== shard || Number(values[rowAt]) !== row) break;
    if (row === 0) {
      synced = before.at(-1)?.bytes ?? 0;
      [before, last] = [last, []];
      capacity = imagesIn(join(partial, shardName(shard)), bytes);
    }
    if (row >= capacity) break;
    last.push({ hash: String(values[hashAt]), bytes: end });
    rows++;
  }
  const checked = [...before, ...last];
  const first = rows - checked.length;
  const good = goodImages(partial, first, perShard, bytes, checked);
  return { rows: first + good, bytes: good === 0 ? synced : checked[good - 1]!.bytes };
}

interface LoggedImage {
  hash: string;
  /** Of the log, up to the end of its row. */
  bytes: number;
}

function imagesIn(file: string, bytes: number): number {
  if (!existsSync(file)) return 0;
  return Math.floor((guarded(file, () => statSync(file).size) - HEADER_BYTES) / bytes);
}

/** How many images, from the dataset's `first` on, have the hash in their row. */
function goodImages(
  partial: string,
  first: number,
  perShard: number,
  bytes: number,
  images: readonly LoggedImage[],
): number {
  let good = 0;
  while (good < images.length) {
    const shard = join(partial, shardName(Math.floor((first + good) / perShard)));
    const inShard = images.slice(good, good + perShard);
    const whole = goodInShard(shard, bytes, inShard);
    good += whole;
    if (whole < inShard.length) break;
  }
  return good;
}

function goodInShard(path: string, bytes: number, images: readonly LoggedImage[]): number {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const image = new Uint8Array(bytes);
    const bad = images.findIndex(({ hash }, i) => {
      const count = guarded(path, () => readSync(file, image, 0, bytes, HEADER_BYTES + i * bytes));
      return count !== bytes || imageHash(image) !== hash;
    });
    return bad < 0 ? images.length : bad;
  } finally {
    closeSync(file);
  }
}
