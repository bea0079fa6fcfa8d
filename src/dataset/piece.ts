/** Pieces of a dataset that are written apart: images and their rows, without the table and what is settled at the end. */
import { join } from "node:path";
import { z } from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { readJson, writeFileWhole } from "../foundation/files.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { fileHash, IMAGE_HASH, imageHash } from "./hash.ts";
import { shardName } from "./info.ts";
import { NpyReader } from "./npy.ts";
import type { ShardValues } from "./npy-writer.ts";
import { columnsWith, loggedRows, ROWS_FILE } from "./row-log.ts";
import { type DatasetRow, type DatasetSpec, DatasetWriter, SHARD_BYTES } from "./writer.ts";

/** Says what a piece's rows are: a line that is gone or changed would be missed by no image's hash. */
const PIECE_FILE = "piece.json";
const pieceSchema = z.strictObject({ rows: z.string().regex(/^[0-9a-f]{64}$/) });

/** Rows between two writings of the log. */
const FLUSHED_EACH = 256;

/**
 * Writes a piece. What an earlier attempt has left in the folder is resumed.
 *
 * @param folder that is there
 * @param fill appends the piece's images with their rows, starting at `writer.length`
 * @param shardBytes largest size of a file of images
 */
export async function writePiece(
  folder: string,
  spec: DatasetSpec,
  fill: (writer: DatasetWriter) => Promise<void>,
  shardBytes = SHARD_BYTES,
): Promise<void> {
  const writer = new DatasetWriter(folder, spec, columnsWith(spec.columns ?? {}), shardBytes);
  try {
    await fill(writer);
    await writer.finish();
    const rows = fileHash(join(folder, ROWS_FILE));
    writeFileWhole(join(folder, PIECE_FILE), `${JSON.stringify({ rows })}\n`);
  } finally {
    await writer.abandon();
  }
}

/**
 * Appends a piece's images and rows to a dataset. A file of the piece that is as full as the dataset's own is linked where
 * images can begin a file, and needs no space of its own; images of others are copied.
 *
 * @param writer of a dataset with the same columns
 * @param tick called with numbers of images
 * @throws ArcletError when rows or an image are not what was written; Interrupted when the user stops it
 */
export async function appendPiece(
  writer: DatasetWriter,
  folder: string,
  tick: (images: number) => void,
): Promise<void> {
  const { columns } = writer;
  checkRows(folder);
  let reader: NpyReader | undefined;
  let [file, linked, taken] = [-1, false, 0];
  try {
    for (const { value: values } of loggedRows(join(folder, ROWS_FILE), columns)) {
      const row = Object.fromEntries(columns.map(([name], i) => [name, values[i]!])) as DatasetRow;
      if (Number(row.shard) !== file) {
        file = Number(row.shard);
        reader?.close();
        reader = new NpyReader(join(folder, shardName(file)));
        linked = writer.atFileStart && reader.length === writer.perShard;
        if (linked) writer.linkShard(reader.path);
      }
      const image = readWritten(reader!, folder, row);
      if (linked) writer.logLinked(row, Number(row.row));
      else writer.appendHashed(image, row, String(row[IMAGE_HASH]));
      if (++taken % FLUSHED_EACH !== 0) continue;
      writer.flush();
      tick(FLUSHED_EACH);
      await safePoint("nothing was joined; the shards are kept");
    }
  } finally {
    reader?.close();
  }
  writer.flush();
  tick(taken % FLUSHED_EACH);
}

/** @throws ArcletError when the piece's rows are not those that were written */
function checkRows(folder: string): void {
  const path = join(folder, PIECE_FILE);
  const { rows } = checked(path, pieceSchema, readJson(path), { code: "broken" });
  if (fileHash(join(folder, ROWS_FILE)) === rows) return;
  throw new ArcletError({
    where: join(folder, ROWS_FILE),
    code: "broken",
    problem: "is damaged: its rows are not those that were written",
    fix: madeAgain(folder),
  });
}

const madeAgain = (folder: string): string => `remove ${folder}, and the same command makes it again`;

function readWritten(reader: NpyReader, folder: string, row: DatasetRow): ShardValues {
  const image = reader.read(Number(row.row)) as ShardValues;
  if (imageHash(image) !== row[IMAGE_HASH])
    throw new ArcletError({
      where: reader.path,
      code: "broken",
      problem: `is damaged: image ${row.row} (${row.id}) is not the one that was written`,
      fix: madeAgain(folder),
    });
  return image;
}
