/** Writing a dataset folder: images as they come, with memory that does not grow with their number. */
import { copyFileSync, existsSync, linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ColumnType, Value } from "../catalog/table.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded, writeFileWhole, writeFolderWhole } from "../foundation/files.ts";
import { Apart, type Landed } from "./apart.ts";
import { allFinite } from "./finite.ts";
import { contentHash, IMAGE_HASH, imageHash } from "./hash.ts";
import {
  type DatasetInfo,
  datasetInfo,
  FORMAT,
  INFO_FILE,
  readInfo,
  SPLITS,
  type Split,
  shardName,
  TABLE_FILE,
} from "./info.ts";
import { sizeOf } from "./npy.ts";
import { HEADER_BYTES, NpyWriter, type ShardKind, type ShardValues, syncFile } from "./npy-writer.ts";
import { movePacked, type Packed, packShards } from "./packing.ts";
import { type Columns, columnsWith, loggedRows, ROWS_FILE, RowLog } from "./row-log.ts";
import { SET_ASIDE_LOG } from "./set-aside-log.ts";
import { writeTable } from "./table-writer.ts";
import { continueFolder, type Identity, wholeRows } from "./unfinished.ts";

/** What a dataset is, before its images are known. */
export interface DatasetSpec
  extends Pick<
    DatasetInfo,
    "name" | "survey" | "bands" | "pixelScale" | "classes" | "pixels" | "shape" | "provenance"
  > {
  /** Further columns of the table, e.g. `{ theta_e: "number" }`; `ra` and `dec` are there anyway. */
  columns?: Record<string, ColumnType>;
}

/** A row of the table, given with its image. */
export interface DatasetRow {
  /** Unique in the dataset. */
  id: string;
  /** Rows of a group stay in one split. */
  group: string;
  /** What the row is for. */
  split: Split;
  /** A class's name; null or left out if unknown. */
  label?: string | null;
  /** Degrees. */
  ra?: number | null;
  /** Declination, degrees (ICRS). */
  dec?: number | null;
  [column: string]: Value | undefined;
}

/** What is settled about a dataset only once all its images are written. */
export interface Settled {
  /** By an image's index, in the order of appending: what changes in its row; null takes the image out. */
  change?: (index: number) => Partial<DatasetRow> | null;
  /** Added to the spec's provenance. */
  provenance?: DatasetInfo["provenance"];
  /** AB magnitude of one unit of flux. */
  zeroPoint?: number;
}

type Fill = ((writer: DatasetWriter) => Promise<Settled>) | ((writer: DatasetWriter) => Promise<void>);

/** Largest size of a shard file. */
export const SHARD_BYTES = 256 * 1024 * 1024;

/** Columns whose values the writer gives. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["shard", "row", IMAGE_HASH]);

/**
 * Writes a dataset folder that is whole or not there. With an identity, no error removes what was made: it stays in
 * `<folder>.partial`, and writing resumes there.
 *
 * @param fill appends all images with their rows; with an identity, starting at `writer.length`. What it returns is
 *   applied at the end
 * @param shardBytes largest size of a shard file
 * @param identity what makes the dataset what it is: if given, interrupted writing is resumed, with the provenance of
 *   its start
 * @returns what was written to `dataset.json`
 * @throws ArcletError when the folder exists, nothing was appended, an id occurs twice, a group or an image
 *   (to the last pixel) is in two splits, the disk is full, or an unfinished folder has another identity
 */
export async function writeDataset(
  folder: string,
  spec: DatasetSpec,
  fill: Fill,
  shardBytes = SHARD_BYTES,
  identity?: Identity,
): Promise<DatasetInfo> {
  const { columns: further = {}, ...about } = spec;
  const columns = columnsWith(further);
  let info: DatasetInfo | undefined;
  const write = async (partial: string, provenance: DatasetInfo["provenance"]) => {
    const log = join(partial, ROWS_FILE);
    const infoFile = join(partial, INFO_FILE);
    // If it exists, everything is decided: a program that was killed after that has left only files to move.
    if (!existsSync(infoFile)) {
      const writer = new DatasetWriter(partial, spec, columns, shardBytes);
      let settled: Settled;
      let hashes: ReadonlyMap<string, string>;
      try {
        settled = (await fill(writer)) ?? {};
        hashes = await writer.finish();
      } finally {
        await writer.abandon();
      }
      const { change, zeroPoint } = settled;
      const packed = packShards(partial, writer, (index) => change === undefined || change(index) !== null);
      const { shards } = packed;
      if (shards.length === 0)
        throw new ArcletError({
          where: folder,
          code: "empty",
          problem: "not written, there are no images to write",
        });
      await writeTable(log, columns, join(partial, TABLE_FILE), folder, changing(columns, change, packed));
      const files = [...shards.map((shard) => shard.file), TABLE_FILE];
      const whole = datasetInfo.parse({
        format: FORMAT,
        ...about,
        ...(zeroPoint === undefined ? {} : { zeroPoint }),
        provenance: { ...provenance, ...settled.provenance },
        count: shards.reduce((sum, { rows }) => sum + rows, 0),
        shards,
        contentHash: contentHash(partial, files, packed.present, hashes),
      });
      writeFileWhole(infoFile, `${JSON.stringify(whole, null, 2)}\n`);
    }
    info = readInfo(infoFile);
    movePacked(partial, info.shards.length);
    for (const made of [log, join(partial, SET_ASIDE_LOG)]) rmSync(made, { force: true });
  };
  if (identity === undefined) await writeFolderWhole(folder, (partial) => write(partial, spec.provenance));
  else await continueFolder(folder, identity, spec.provenance, write);
  // A folder that lacked its last step alone was not filled again.
  return info ?? readInfo(join(folder, INFO_FILE));
}

/** Changes a log's rows to their final values and indices. */
function changing(columns: Columns, change: Settled["change"], packed: Packed) {
  if (change === undefined) return undefined;
  const columnIndex = new Map(columns.map(([name], i) => [name, i]));
  let kept = 0;
  return (index: number, values: Value[]): Value[] | null => {
    const changed = change(index);
    if (changed === null) return null;
    for (const final of [changed, packed.locate(kept++)])
      for (const [name, value] of Object.entries(final)) {
        const column = columnIndex.get(name)!;
        const whole = typeof value === "number" && columns[column]![1] === "whole";
        values[column] = (whole ? BigInt(value) : value) ?? null;
      }
    return values;
  };
}

const imageBytes = ({ shape, pixels }: Pick<DatasetSpec, "shape" | "pixels">): number =>
  sizeOf(shape) * (pixels === "display" ? 1 : 4);

const kindOf = ({ pixels }: Pick<DatasetSpec, "pixels">): ShardKind => (pixels === "display" ? "u1" : "f4");

/** Images of a full shard file. */
export const imagesEach = (spec: Pick<DatasetSpec, "shape" | "pixels">, shardBytes = SHARD_BYTES): number =>
  Math.max(1, Math.floor((shardBytes - HEADER_BYTES) / imageBytes(spec)));

/** Writes a dataset row by row, in memory that doesn't grow; `writeDataset` makes one. */
export class DatasetWriter {
  /** The folder being written; further files may be put there. */
  readonly folder: string;
  /** @internal shards that are whole */
  readonly shards: { file: string; rows: number }[] = [];
  /** @internal images of a full shard */
  readonly perShard: number;
  /** @internal */
  readonly spec: DatasetSpec;
  /** @internal */
  readonly columns: Columns;
  private readonly log: RowLog;
  private readonly known: ReadonlySet<string>;
  private shard: NpyWriter | undefined;
  private apart: Apart<DatasetRow> | undefined;
  private open = true;

  /** @internal made by `writeDataset`; continues after what is whole in the folder */
  constructor(folder: string, spec: DatasetSpec, columns: Columns, shardBytes: number) {
    this.folder = folder;
    this.spec = spec;
    this.columns = columns;
    const bytes = imageBytes(spec);
    this.perShard = imagesEach(spec, shardBytes);
    this.known = new Set(columns.map(([name]) => name).filter((name) => !WRITTEN_HERE.has(name)));
    const path = join(folder, ROWS_FILE);
    const kept = wholeRows(folder, path, columns, this.perShard, bytes);
    this.log = new RowLog(path, columns, kept);
    for (let rest = kept.rows; rest > 0; rest -= this.perShard) {
      const file = shardName(this.shards.length);
      if (rest > this.perShard) {
        syncFile(join(folder, file)); // the program that wrote it may have been killed before it did
        this.shards.push({ file, rows: this.perShard });
      } else this.shard = this.shardFile(rest);
    }
    if (this.shard?.length === this.perShard) this.closeShard();
  }

  /** Images written so far. */
  get length(): number {
    if (this.apart !== undefined) return this.apart.length;
    return this.shards.reduce((sum, { rows }) => sum + rows, this.shard?.length ?? 0);
  }

  /** The rows written so far, in order, including those of an interrupted run. */
  *written(): Generator<Readonly<Record<string, Value>>, void> {
    for (const { value: values } of loggedRows(this.log.path, this.columns)) {
      const row: Record<string, Value> = {};
      for (const [i, [name]] of this.columns.entries()) row[name] = values[i]!;
      yield row;
    }
  }

  /**
   * Appends images with their rows.
   *
   * @param images (B, C, H, W), Uint8Array for `display`, Float32Array for `flux`
   * @param rows one per image
   * @throws ArcletError when lengths or types don't fit, a flux is not finite, or a row is wrong
   */
  append(images: ShardValues, rows: readonly DatasetRow[]): void {
    const size = sizeOf(this.spec.shape);
    const holder = this.spec.pixels === "display" ? Uint8Array : Float32Array;
    if (!(images instanceof holder)) refuse("append", "images", `a ${holder.name}`, images);
    if (images.length !== rows.length * size)
      refuse("append", "images", `${rows.length} × ${size} numbers`, `${images.length} numbers`);
    for (const [i, row] of rows.entries()) this.appendOne(images.subarray(i * size, (i + 1) * size), row);
    this.log.flush(); // after the images, so that a row that can be read has its image
  }

  /** The same with an array (C, H, W) for each image. */
  appendEach(images: readonly ShardValues[], rows: readonly DatasetRow[]): void {
    this.checkEach(images, rows);
    for (const [i, image] of images.entries()) this.appendHashed(image, rows[i]!, imageHash(image));
    this.log.flush();
  }

  /**
   * The same on a thread that hashes and writes the images meanwhile: pays for many. The arrays may be used again at once.
   * All images that come after are written there, too; `land` waits for them.
   */
  async appendApart(images: readonly ShardValues[], rows: readonly DatasetRow[]): Promise<void> {
    this.checkEach(images, rows);
    this.apart ??= this.startApart();
    await this.apart.append(images, rows);
  }

  /** Waits until the images on their way to the thread are written, with their rows. */
  async land(): Promise<void> {
    await this.apart?.land();
  }

  private startApart(): Apart<DatasetRow> {
    const { spec, perShard } = this;
    const about = { kind: kindOf(spec), shape: spec.shape, perShard };
    const start = { shards: this.shards.length, images: this.shard?.length ?? 0 };
    this.shard?.abandon(); // the thread continues it
    this.shard = undefined;
    return new Apart(
      about,
      start,
      (shard) => join(this.folder, shardName(shard)),
      (landed) => this.logLanded(landed),
    );
  }

  private logLanded(landed: readonly Landed<DatasetRow>[]): void {
    for (const { row, hash, shard, index } of landed)
      this.log.append({ ...row, shard, row: index, [IMAGE_HASH]: hash });
    this.log.flush(); // after the images, so that a row that can be read has its image
  }

  private checkEach(images: readonly ShardValues[], rows: readonly DatasetRow[]): void {
    const size = sizeOf(this.spec.shape);
    const holder = this.spec.pixels === "display" ? Uint8Array : Float32Array;
    if (images.length !== rows.length) refuse("append", "images", `${rows.length}`, `${images.length}`);
    for (const [i, image] of images.entries()) {
      if (!(image instanceof holder) || image.length !== size)
        refuse("append", "images", `a ${holder.name} of ${size} numbers each`, image);
      this.checkOne(image, rows[i]!);
    }
  }

  private checkOne(image: ShardValues, row: DatasetRow): void {
    if (image instanceof Float32Array && !allFinite(image))
      refuse(`row ${row.id}`, "image", "of finite numbers", "NaN or infinity in it");
    this.checkRow(row);
  }

  private appendOne(image: ShardValues, row: DatasetRow): void {
    this.checkOne(image, row);
    this.appendHashed(image, row, imageHash(image));
  }

  /** @internal appends an image whose row was checked, and its hash is known */
  appendHashed(image: ShardValues, row: DatasetRow, hash: string): void {
    this.shard ??= this.shardFile();
    const address = { shard: this.shards.length, row: this.shard.length, [IMAGE_HASH]: hash };
    this.shard.append(image, 1);
    this.log.append(row, address);
    if (this.shard.length === this.perShard) this.closeShard();
  }

  private checkRow(row: DatasetRow): void {
    const where = `row ${row.id}`;
    for (const name in row)
      if (!this.known.has(name)) refuse(where, "column", "one of the dataset's columns", name);
    for (const name of ["id", "group"] as const)
      if (typeof row[name] !== "string" || row[name] === "") refuse(where, name, "a text", row[name]);
    if (!SPLITS.includes(row.split)) refuse(where, "split", `one of ${SPLITS.join(", ")}`, row.split);
    if (row.label != null && !this.spec.classes.includes(row.label))
      refuse(where, "label", `one of ${this.spec.classes.join(", ") || "no classes"}`, row.label);
  }

  private shardFile(kept = 0): NpyWriter {
    const path = join(this.folder, shardName(this.shards.length));
    return new NpyWriter(path, kindOf(this.spec), this.spec.shape, kept);
  }

  private closeShard(): void {
    if (this.shard === undefined) return;
    this.shard.close();
    this.shards.push({ file: shardName(this.shards.length), rows: this.shard.length });
    this.shard = undefined;
  }

  /** @internal whether the next image begins a file */
  get atFileStart(): boolean {
    return this.shard === undefined;
  }

  /** @internal adds a row whose image is in a linked file, at this index */
  logLinked(row: DatasetRow, index: number): void {
    this.log.append(row, { shard: this.shards.length - 1, row: index });
  }

  /** @internal writes the rows appended so far */
  flush(): void {
    this.log.flush();
  }

  /** @internal takes a full file of images as the next one, by a link if the file system has them */
  linkShard(path: string): void {
    const own = join(this.folder, shardName(this.shards.length));
    guarded(own, () => {
      try {
        linkSync(path, own);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
        copyFileSync(path, own); // on another file system, or one without links
      }
    });
    this.shards.push({ file: shardName(this.shards.length), rows: this.perShard });
  }

  /** @internal @returns the hashes of the files that are known, by name */
  async finish(): Promise<ReadonlyMap<string, string>> {
    this.closeShard();
    const hashes = await this.endApart();
    this.log.flush();
    this.log.close();
    this.open = false;
    return hashes;
  }

  private async endApart(): Promise<Map<string, string>> {
    if (this.apart === undefined) return new Map();
    const { length } = this.apart;
    const hashes = await this.apart.end();
    for (let done = this.shards.length * this.perShard; done < length; done += this.perShard)
      this.shards.push({ file: shardName(this.shards.length), rows: Math.min(this.perShard, length - done) });
    this.apart = undefined;
    return new Map(Array.from(hashes, ([shard, hash]) => [shardName(shard), hash]));
  }

  /** @internal closes the files as they are */
  async abandon(): Promise<void> {
    await this.apart?.abandon();
    this.apart = undefined;
    this.shard?.abandon();
    this.shard = undefined;
    if (this.open) this.log.abandon();
    this.open = false;
  }
}
