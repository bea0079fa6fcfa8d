/** Writing a dataset folder: images as they come, in memory that does not grow with their number. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { writeFileWhole, writeFolderWhole } from "../foundation/files.ts";
import { withDuckDB } from "./duck.ts";
import { contentHash, IMAGE_HASH, imageHash } from "./hash.ts";
import {
  type DatasetInfo,
  datasetInfo,
  FORMAT,
  INFO_FILE,
  SPLITS,
  type Split,
  shardName,
  TABLE_FILE,
} from "./info.ts";
import { sizeOf } from "./npy.ts";
import { HEADER_BYTES, NpyWriter, type ShardValues } from "./npy-writer.ts";
import type { ColumnType, Value } from "./table.ts";
import { CORE_COLUMNS, TableWriter } from "./table-writer.ts";

/** What a dataset is, before its images are known. */
export interface DatasetSpec
  extends Pick<
    DatasetInfo,
    "name" | "survey" | "bands" | "pixelScale" | "classes" | "pixels" | "shape" | "provenance"
  > {
  /** Further columns of the table, e.g. `{ theta_e: "number" }`; `ra` and `dec` are known already. */
  columns?: Record<string, ColumnType>;
}

/** A row of the table, as it is given with its image. */
export interface DatasetRow {
  id: string;
  group: string;
  split: Split;
  /** A class's name; null or left out when it is not known. */
  label?: string | null;
  /** Degrees. */
  ra?: number | null;
  dec?: number | null;
  [column: string]: Value | undefined;
}

const SHARD_BYTES = 256 * 1024 * 1024;

/** Columns whose values the writer gives. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["shard", "row", IMAGE_HASH]);

/**
 * Writes a dataset folder that is whole or not there.
 *
 * @param fill appends all images with their rows
 * @param shardBytes largest size of a shard file
 * @returns what was written to `dataset.json`
 * @throws ArcletError when the folder exists, nothing was appended, an id occurs twice, a group or an image
 *   (to the last pixel) is in two splits, or the disk is full
 */
export async function writeDataset(
  folder: string,
  spec: DatasetSpec,
  fill: (writer: DatasetWriter) => Promise<void>,
  shardBytes = SHARD_BYTES,
): Promise<DatasetInfo> {
  const { columns = {}, ...about } = spec;
  let info: DatasetInfo | undefined;
  await writeFolderWhole(folder, async (partial) => {
    const database = join(partial, "rows.duckdb");
    await withDuckDB(database, folder, async (connection) => {
      const table = await TableWriter.open(connection, columns);
      const writer = new DatasetWriter(partial, spec, table, shardBytes);
      try {
        await fill(writer);
        const shards = writer.finish();
        if (shards.length === 0) throw new ArcletError(`${folder}: not written, there is no image to write`);
        await table.finish(join(partial, TABLE_FILE), folder);
        info = datasetInfo.parse({
          format: FORMAT,
          ...about,
          count: shards.reduce((sum, shard) => sum + shard.rows, 0),
          shards,
          contentHash: contentHash(partial, [...shards.map((shard) => shard.file), TABLE_FILE]),
        });
      } finally {
        writer.abandon();
      }
    });
    for (const file of [database, `${database}.wal`]) rmSync(file, { force: true });
    writeFileWhole(join(partial, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
  });
  return info!;
}

export class DatasetWriter {
  /** The folder being written: further files (e.g. a list of refused rows) may be put there. */
  readonly folder: string;
  private readonly spec: DatasetSpec;
  private readonly table: TableWriter;
  private readonly perShard: number;
  private readonly known: ReadonlySet<string>;
  private readonly shards: { file: string; rows: number }[] = [];
  private shard: NpyWriter | undefined;

  /** @internal made by `writeDataset` */
  constructor(folder: string, spec: DatasetSpec, table: TableWriter, shardBytes: number) {
    this.folder = folder;
    this.spec = spec;
    this.table = table;
    const bytes = sizeOf(spec.shape) * (spec.pixels === "display" ? 1 : 4);
    this.perShard = Math.max(1, Math.floor((shardBytes - HEADER_BYTES) / bytes));
    const names = Object.keys({ ...CORE_COLUMNS, ...spec.columns });
    this.known = new Set(names.filter((name) => !WRITTEN_HERE.has(name)));
  }

  /**
   * Appends images with their rows.
   *
   * @param images (B, C, H, W), Uint8Array for `display`, Float32Array for `flux`
   * @param rows one an image
   * @throws ArcletError when lengths or types don't fit, a flux is not finite, or a row is wrong
   */
  append(images: ShardValues, rows: readonly DatasetRow[]): void {
    const size = sizeOf(this.spec.shape);
    const holder = this.spec.pixels === "display" ? Uint8Array : Float32Array;
    if (!(images instanceof holder)) refuse("append", "images", `a ${holder.name}`, images);
    if (images.length !== rows.length * size)
      refuse("append", "images", `${rows.length} × ${size} numbers`, `${images.length} numbers`);
    for (const [i, row] of rows.entries()) this.appendOne(images.subarray(i * size, (i + 1) * size), row);
  }

  private appendOne(image: ShardValues, row: DatasetRow): void {
    if (image instanceof Float32Array && image.some((x) => !Number.isFinite(x)))
      refuse(`row ${row.id}`, "image", "of finite numbers", "NaN or infinity in it");
    this.checkRow(row);
    this.shard ??= new NpyWriter(
      join(this.folder, shardName(this.shards.length)),
      this.spec.pixels === "display" ? "u1" : "f4",
      this.spec.shape,
    );
    const place = { shard: this.shards.length, row: this.shard.length, [IMAGE_HASH]: imageHash(image) };
    this.shard.append(image, 1);
    this.table.append({ ...row, ...place });
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

  private closeShard(): void {
    if (this.shard === undefined) return;
    this.shard.close();
    this.shards.push({ file: shardName(this.shards.length), rows: this.shard.length });
    this.shard = undefined;
  }

  /** @internal */
  finish(): { file: string; rows: number }[] {
    this.closeShard();
    return this.shards;
  }

  /** @internal closes a file that an error left open */
  abandon(): void {
    this.shard?.abandon();
    this.shard = undefined;
  }
}
