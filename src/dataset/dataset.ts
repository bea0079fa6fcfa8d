/** A dataset folder, opened: checked whole, its table in memory, its images read when they are asked for. */

import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { withDuckDB } from "../catalog/duck.ts";
import type { Table, Value } from "../catalog/table.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import type { Tensor } from "../torch/tensor.ts";
import { checkTable } from "./check-table.ts";
import { IMAGE_HASH, imageHash } from "./hash.ts";
import { type ImageStore, type Places, StoredImages } from "./images.ts";
import { type DatasetInfo, INFO_FILE, readInfo, type Split, TABLE_FILE } from "./info.ts";
import { NpyReader } from "./npy.ts";
import type { ShardValues } from "./npy-writer.ts";
import { readStored } from "./stored-columns.ts";
import { verifyFiles } from "./verifying.ts";

/** What a dataset says about its images; nothing about classes. */
export type ImageInfo = Omit<DatasetInfo, "classes">;

/** Rows of a dataset's table, from 0. */
export type Rows = readonly number[] | Int32Array;

/** What training may know of any domain: images, groups and splits, but no label. */
export interface ImageDomain {
  /** The dataset's folder. */
  readonly folder: string;
  /** What its images are like. */
  readonly info: ImageInfo;
  /** Number of rows, N. */
  readonly count: number;
  /** Every row's id (N). */
  readonly ids: readonly string[];
  /** Every row's group (N). */
  readonly groups: readonly string[];
  /** Every row's split (N). */
  readonly splits: readonly Split[];
  /** Rows of the given splits, or all, in the table's order. */
  rows(...splits: Split[]): Int32Array;
  /** (B, C, H, W): uint8 for `display`, float32 for `flux`. */
  images(rows: Rows): Tensor;
  /** One hash per image, in the table's order; equal if the images are the same to the last pixel. */
  imageHashes(): readonly string[];
  /** Sky positions of the images; undefined if none is known. */
  positions(): Positions | undefined;
  /** How another thread reads the images; left out where they are changed first, or some can't be reached. */
  readonly onDisk?: OnDisk | undefined;
  /** Closes its files. */
  close(): void;
}

/** Images as they are stored. */
export interface OnDisk {
  readonly store: ImageStore;
  /** Where the images of rows lie. */
  places(rows: Rows): Places;
}

/** Of a table's rows: ICRS degrees, null where unknown. */
export interface Positions {
  ra: (number | null)[];
  dec: (number | null)[];
}

/** A domain whose labels may be known: a dataset, or several as one. */
export interface LabelledDomain extends ImageDomain {
  readonly info: DatasetInfo;
  /** Rows of the given splits, or all, whose class is known. */
  labelledRows(...splits: Split[]): Int32Array;
  /** Class indices. @throws ArcletError naming the first row without a label */
  labels(rows: Rows): Int32Array;
}

export class Dataset implements LabelledDomain {
  /** Its folder. */
  readonly folder: string;
  /** Its `dataset.json`. */
  readonly info: DatasetInfo;
  /** Its table. */
  readonly table: Table;
  /** Every row's id (N). */
  readonly ids: readonly string[];
  /** Every row's group (N). */
  readonly groups: readonly string[];
  /** Every row's split (N). */
  readonly splits: readonly Split[];
  private readonly classIndices: Int32Array;
  readonly onDisk: OnDisk;
  private readonly stored: StoredImages;
  private readonly shardOf: readonly number[];
  private readonly indexOf: readonly number[];

  /**
   * @internal made by `openDataset`
   * @param stored what the folder says
   * @param bands the bands that images have, some of those stored in any order
   */
  constructor(folder: string, stored: DatasetInfo, table: Table, bands: readonly string[]) {
    const info = withBands(folder, stored, bands);
    this.folder = folder;
    this.info = info;
    const channels = info === stored ? null : bands.map((name) => stored.bands.indexOf(name));
    const { shards, shape, pixels } = stored;
    const store = { folder, info: { shards, shape, pixels }, channels };
    this.onDisk = { store, places: (rows) => this.places(rows) };
    this.stored = new StoredImages(store);
    this.table = table;
    this.ids = table.texts("id");
    this.groups = table.texts("group");
    this.splits = table.texts("split") as readonly Split[];
    const index = new Map<Value, number>(info.classes.map((name, i) => [name, i] as const));
    const labels = table.has("label") ? table.column("label") : [];
    this.classIndices = Int32Array.from(this.ids, (_, row) => index.get(labels[row] ?? null) ?? -1);
    this.shardOf = table.wholes("shard");
    this.indexOf = table.wholes("row");
  }

  /** Number of rows. */
  get count(): number {
    return this.info.count;
  }

  /** A column of the table, in its order; null where empty. @throws ArcletError when there is no such column */
  column(name: string): readonly Value[] {
    return this.table.column(name);
  }

  rows(...splits: Split[]): Int32Array {
    const all = Int32Array.from(this.splits.keys());
    return splits.length === 0 ? all : all.filter((row) => splits.includes(this.splits[row]!));
  }

  labelledRows(...splits: Split[]): Int32Array {
    return this.rows(...splits).filter((row) => this.classIndices[row]! >= 0);
  }

  labels(rows: Rows): Int32Array {
    return Int32Array.from(rows, (row) => {
      const label = this.classIndices[row] ?? -1;
      if (label < 0) refuse({ where: this.folder, row: row + 1, id: this.ids[row] }, "label", "given", null);
      return label;
    });
  }

  images(rows: Rows): Tensor {
    return this.stored.gather(this.places(rows));
  }

  private places(rows: Rows): Places {
    const outside = rows.find((row) => this.shardOf[row] === undefined);
    if (outside !== undefined) refuse(this.folder, "row", `0 to ${this.count - 1}`, outside);
    return {
      shard: Int32Array.from(rows, (row) => this.shardOf[row]!),
      index: Int32Array.from(rows, (row) => this.indexOf[row]!),
    };
  }

  imageHashes(): readonly string[] {
    return this.table.has(IMAGE_HASH) ? this.table.texts(IMAGE_HASH) : this.hashedNow();
  }

  /**
   * Reads all of the dataset's files, unless they are being read already.
   *
   * @param hash their content hash
   * @throws ArcletError when the images or the table have changed since they were written, naming the first image that has;
   *   Interrupted when the user stops it
   */
  verify(hash?: Promise<string>): Promise<void> {
    const { folder, info, ids, table } = this;
    const hashes = table.has(IMAGE_HASH) ? table.texts(IMAGE_HASH) : null;
    const [shard, index] = [table.wholes("shard"), table.wholes("row")];
    return verifyFiles({ folder, info, ids, hashes, shard, index }, hash);
  }

  positions(): Positions | undefined {
    if (!this.table.has("ra") || !this.table.has("dec")) return undefined;
    const degrees = (name: string) =>
      this.table.column(name).map((value) => (typeof value === "number" ? value : null));
    const [ra, dec] = [degrees("ra"), degrees("dec")];
    return ra.some((value, row) => value !== null && dec[row] !== null) ? { ra, dec } : undefined;
  }

  close(): void {
    this.stored.close();
  }

  /** For folders written by other programs, without the column of hashes. */
  private hashedNow(): string[] {
    const byShard = this.info.shards.map(({ file }) => {
      const shard = new NpyReader(join(this.folder, file));
      try {
        return Array.from({ length: shard.length }, (_, i) => imageHash(shard.read(i) as ShardValues));
      } finally {
        shard.close();
      }
    });
    const [shards, indices] = [this.table.wholes("shard"), this.table.wholes("row")];
    return this.ids.map((_, row) => byShard[shards[row]!]![indices[row]!]!);
  }
}

/**
 * What the dataset says if its images have these bands: the same object if they do already.
 *
 * @throws ArcletError for a band that it doesn't have
 */
function withBands(folder: string, info: DatasetInfo, bands: readonly string[]): DatasetInfo {
  if (info.bands.join() === bands.join()) return info;
  const absent = bands.find((name) => !info.bands.includes(name));
  if (absent !== undefined) refuse(folder, "bands", `${bands.join(", ")} or more`, info.bands.join(", "));
  return { ...info, bands: [...bands], shape: [bands.length, info.shape[1], info.shape[2]] };
}

/** Chooses from a dataset's bands, by name, those that its images are to have, in that order. */
export type TakeBands = (info: DatasetInfo) => readonly string[];

/**
 * Opens a dataset folder and checks it: the shards against their headers and `dataset.json`, the table against
 * the shards, ids, splits, groups and labels.
 *
 * @param take the bands that its images are to have (default: all, as stored)
 * @param columns names of the table's columns to read, if it has them; null for all
 * @throws ArcletError naming the file, and the row if it is in one
 */
export async function openDataset(
  folder: string,
  take: TakeBands = ({ bands }) => bands,
  columns: readonly string[] | null = null,
): Promise<Dataset> {
  const { path, info } = checkedFolder(folder);
  const tablePath = join(path, TABLE_FILE);
  const table = await withDuckDB(":memory:", tablePath, (connection) =>
    readStored(connection, tablePath, columns),
  );
  checkTable(table, info);
  return new Dataset(path, info, table, take(info));
}

/**
 * A dataset's folder and what it says of itself, checked against its files but for what is in the table.
 *
 * @throws ArcletError naming the file
 */
export function checkedFolder(folder: string): { path: string; info: DatasetInfo } {
  const path = resolve(folder);
  if (path.endsWith(".partial"))
    throw new ArcletError({
      where: folder,
      code: "truncated",
      problem: "is not a whole dataset (its writing was interrupted)",
    });
  guarded(folder, () => statSync(path));
  if (!existsSync(join(path, INFO_FILE)))
    throw new ArcletError({
      where: folder,
      code: "absent",
      problem: `is not a dataset folder (it has no ${INFO_FILE})`,
    });
  const info = readInfo(join(path, INFO_FILE));
  for (const { file, rows } of info.shards) checkShard(join(path, file), rows, info);
  const tablePath = join(path, TABLE_FILE);
  guarded(tablePath, () => statSync(tablePath));
  return { path, info };
}

function checkShard(path: string, rows: number, info: DatasetInfo): void {
  const shard = new NpyReader(path);
  shard.close();
  const { kind, littleEndian, shape } = shard.header;
  const expected = [rows, ...info.shape];
  if (shape.join() !== expected.join())
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `has shape [${shape}], ${INFO_FILE} says [${expected}]`,
    });
  const needed = info.pixels === "display" ? "u1" : "f4";
  if (kind !== needed || !(littleEndian || kind === "u1"))
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `has dtype ${kind}, ${info.pixels} images are ${needed} (little-endian)`,
    });
}

/** A dataset's name in messages. */
export const nameOf = (domain: ImageDomain): string => `${domain.info.name} (${basename(domain.folder)})`;
