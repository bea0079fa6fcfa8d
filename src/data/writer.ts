/** Writing a dataset folder: images as they come, in memory that does not grow with their number. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { writeFileWhole, writeFolderWhole } from "../foundation/files.ts";
import { identifier, literal, withDuckDB } from "./duck.ts";
import { contentHash, IMAGE_HASH, imageHash } from "./hash.ts";
import {
  type DatasetInfo,
  datasetInfo,
  FORMAT,
  INFO_FILE,
  type Split,
  shardName,
  TABLE_FILE,
} from "./info.ts";
import { sizeOf } from "./npy.ts";
import { NpyWriter, type ShardValues } from "./npy-writer.ts";
import type { ColumnType, Value } from "./table.ts";

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

/** Columns that every dataset has; no further column may have such a name. */
export const CORE_COLUMNS: Readonly<Record<string, ColumnType>> = {
  id: "text",
  shard: "whole",
  row: "whole",
  group: "text",
  split: "text",
  label: "text",
  ra: "number",
  dec: "number",
  [IMAGE_HASH]: "text",
};

const SHARD_BYTES = 256 * 1024 * 1024;
const CHUNK_ROWS = 2048;
const DUCK_TYPES = { text: VARCHAR, whole: BIGINT, number: DOUBLE, "yes/no": BOOLEAN };

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
  const columns = allColumns(spec);
  let info: DatasetInfo | undefined;
  await writeFolderWhole(folder, async (partial) => {
    const rows = join(partial, "rows.duckdb");
    await withDuckDB(rows, folder, async (connection) => {
      const declared = Object.entries(columns).map(
        ([name, type]) => `${identifier(name)} ${sqlType(name, type)}`,
      );
      await connection.run(`CREATE TABLE rows (${declared.join(", ")})`);
      const appender = await connection.createAppender("rows");
      const writer = new DatasetWriter(partial, spec, columns, appender, shardBytes);
      try {
        await fill(writer);
        info = await writer.finish(connection, folder);
      } finally {
        writer.abandon();
      }
    });
    for (const file of [rows, `${rows}.wal`]) rmSync(file, { force: true });
    writeFileWhole(join(partial, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
  });
  return info!;
}

export class DatasetWriter {
  /** The folder being written: further files (e.g. a list of refused rows) may be put there. */
  readonly folder: string;
  private readonly spec: DatasetSpec;
  private readonly columns: [string, ColumnType][];
  private readonly appender: DuckDBAppender;
  private readonly perShard: number;
  private readonly shards: { file: string; rows: number }[] = [];
  private shard: NpyWriter | undefined;
  private readonly known: Set<string>;
  private pending: Value[][];

  /** @internal made by `writeDataset` */
  constructor(
    folder: string,
    spec: DatasetSpec,
    columns: Record<string, ColumnType>,
    appender: DuckDBAppender,
    shardBytes: number,
  ) {
    this.folder = folder;
    this.spec = spec;
    this.columns = Object.entries(columns);
    this.known = new Set(Object.keys(columns).filter((name) => !WRITTEN_HERE.has(name)));
    this.appender = appender;
    const bytes = sizeOf(spec.shape) * (spec.pixels === "display" ? 1 : 4);
    this.perShard = Math.max(1, Math.floor((shardBytes - 128) / bytes));
    this.pending = this.columns.map(() => []);
  }

  /**
   * Appends images with their rows.
   *
   * @param images (B, C, H, W), Uint8Array for `display`, Float32Array for `flux`
   * @param rows one an image
   */
  append(images: ShardValues, rows: readonly DatasetRow[]): void {
    const size = sizeOf(this.spec.shape);
    const holder = this.spec.pixels === "display" ? Uint8Array : Float32Array;
    if (!(images instanceof holder)) refuse("append", "images", `a ${holder.name}`, images?.constructor.name);
    if (images.length !== rows.length * size)
      refuse("append", "images", `${rows.length} × ${size} numbers`, images.length);
    rows.forEach((row, i) => this.appendOne(images.subarray(i * size, (i + 1) * size), row));
  }

  private appendOne(image: ShardValues, row: DatasetRow): void {
    if (image instanceof Float32Array && image.some((x) => !Number.isFinite(x)))
      refuse(`image ${row.id}`, "pixels", "finite numbers", "NaN or infinity");
    this.checkRow(row);
    this.shard ??= new NpyWriter(
      join(this.folder, shardName(this.shards.length)),
      this.spec.pixels === "display" ? "u1" : "f4",
      this.spec.shape,
    );
    const place: Record<string, Value> = {
      shard: this.shards.length,
      row: this.shard.length,
      [IMAGE_HASH]: imageHash(image),
    };
    this.shard.append(image, 1);
    this.columns.forEach(([name, type], i) => {
      this.pending[i]!.push(stored(row, name, type, place[name] ?? row[name] ?? null));
    });
    if (this.shard.length === this.perShard) this.closeShard();
    if (this.pending[0]!.length === CHUNK_ROWS) this.flush();
  }

  private checkRow(row: DatasetRow): void {
    for (const name in row)
      if (!this.known.has(name)) refuse(`row ${row.id}`, "column", "declared in the dataset's columns", name);
    for (const name of ["id", "group"] as const)
      if (typeof row[name] !== "string" || row[name] === "")
        refuse(`row ${row.id}`, name, "a text", row[name]);
    if (!["train", "val", "test"].includes(row.split))
      refuse(`row ${row.id}`, "split", "train, val or test", row.split);
    if (row.label != null && !this.spec.classes.includes(row.label))
      refuse(`row ${row.id}`, "label", `one of ${this.spec.classes.join(", ") || "no classes"}`, row.label);
  }

  private closeShard(): void {
    if (this.shard === undefined) return;
    this.shard.close();
    this.shards.push({ file: shardName(this.shards.length), rows: this.shard.length });
    this.shard = undefined;
  }

  private flush(): void {
    const rows = this.pending[0]!.length;
    if (rows === 0) return;
    const types = this.columns.map(([name, type]) => duckType(name, type));
    const chunk = DuckDBDataChunk.create(types, rows);
    chunk.setColumns(this.pending);
    this.appender.appendDataChunk(chunk);
    this.pending = this.columns.map(() => []);
  }

  /** @internal closes a file that was left open by an error */
  abandon(): void {
    this.shard?.abandon();
    this.shard = undefined;
  }

  /** @internal checks the whole, writes the table and returns what `dataset.json` will hold */
  async finish(connection: DuckDBConnection, folder: string): Promise<DatasetInfo> {
    this.closeShard();
    this.flush();
    this.appender.closeSync();
    if (this.shards.length === 0) throw new ArcletError(`${folder}: not written, there is no image to write`);
    await this.refuseRepeats(connection, folder);
    const file = literal(join(this.folder, TABLE_FILE));
    await connection.run(`COPY rows TO ${file} (FORMAT parquet)`);
    const { columns: _, ...spec } = this.spec;
    const info = {
      format: FORMAT,
      ...spec,
      count: this.shards.reduce((sum, shard) => sum + shard.rows, 0),
      shards: this.shards,
      contentHash: contentHash(this.folder, [...this.shards.map((shard) => shard.file), TABLE_FILE]),
    };
    return datasetInfo.parse(info);
  }

  private async refuseRepeats(connection: DuckDBConnection, folder: string): Promise<void> {
    const first = async (query: string) => (await connection.runAndReadAll(query)).getRowsJS()[0];
    const twice = await first("SELECT id FROM rows GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1");
    if (twice) throw new ArcletError(`${folder}: not written, id ${twice[0]} occurs twice`);
    for (const [column, what] of [
      ["group", "group"],
      [IMAGE_HASH, "image"],
    ] as const) {
      const divided = await first(
        `SELECT min(id), max(id), ${identifier(column)} FROM rows GROUP BY ${identifier(column)}
         HAVING count(DISTINCT split) > 1 ORDER BY 3 LIMIT 1`,
      );
      if (!divided) continue;
      const which = what === "group" ? `group ${divided[2]} is` : `the same image is`;
      throw new ArcletError(
        `${folder}: not written, ${which} in two splits (ids ${divided[0]}, ${divided[1]})`,
      );
    }
  }
}

function allColumns(spec: DatasetSpec): Record<string, ColumnType> {
  const core = new Set(Object.keys(CORE_COLUMNS));
  const seen = new Set(core);
  for (const name of Object.keys(spec.columns ?? {})) {
    if (name === "" || seen.has(name.toLowerCase()))
      refuse(
        "dataset",
        "column",
        `a name that no other column has (${[...core].join(", ")} are taken)`,
        name,
      );
    seen.add(name.toLowerCase());
  }
  return { ...CORE_COLUMNS, ...spec.columns };
}

/** Columns whose values the writer knows better. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["shard", "row", IMAGE_HASH]);

const isPlace = (name: string) => name === "shard" || name === "row";

function duckType(name: string, type: ColumnType) {
  return isPlace(name) ? INTEGER : DUCK_TYPES[type];
}

const sqlType = (name: string, type: ColumnType): string => String(duckType(name, type));

/** A value as its column holds it. */
function stored(row: DatasetRow, name: string, type: ColumnType, value: Value): Value {
  const wrong = (): never => refuse(`row ${row.id}`, name, `a ${type} value`, value);
  if (value === null) return null;
  if (type === "text") return typeof value === "string" ? value : wrong();
  if (type === "number") return typeof value === "number" ? value : wrong();
  if (type === "yes/no") return typeof value === "boolean" ? value : wrong();
  if (isPlace(name) && typeof value === "number") return value;
  if (typeof value === "bigint") return value;
  return Number.isSafeInteger(value) ? BigInt(value as number) : wrong();
}
