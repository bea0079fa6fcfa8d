/** A run of a dataset's rows as an unlabelled target, in memory that grows with the run alone. */
import { join } from "node:path";
import { literal, parquetSource, queried, withDuckDB } from "../catalog/duck.ts";
import type { Table } from "../catalog/table.ts";
import { ArcletError } from "../foundation/errors.ts";
import { safePoint } from "../foundation/interrupt.ts";
import { checkTable } from "./check-table.ts";
import { checkedFolder, Dataset } from "./dataset.ts";
import { IMAGE_HASH, imageHash } from "./hash.ts";
import { type Split, shardName, TABLE_FILE } from "./info.ts";
import { NpyReader } from "./npy.ts";
import type { ShardValues } from "./npy-writer.ts";
import { readStored, UNLABELLED_COLUMNS } from "./stored-columns.ts";
import { UnlabelledDataset } from "./unlabelled.ts";

const inSplits = (splits: readonly Split[]) => `WHERE split IN (${splits.map(literal).join(", ")})`;

/** How many rows a dataset has in some splits. @throws ArcletError naming what is wrong with the folder */
export async function rowsIn(folder: string, splits: readonly Split[]): Promise<number> {
  const path = join(checkedFolder(folder).path, TABLE_FILE);
  const [[count] = []] = await withDuckDB(":memory:", path, (connection) =>
    queried(connection, `SELECT count(*) FROM ${parquetSource(path)} ${inSplits(splits)}`),
  );
  return Number(count);
}

/**
 * Opens some rows: those from `from` on, before `to`, of the rows of some splits, in the table's order. Their images are checked
 * against the hashes in the table.
 *
 * @throws ArcletError as `openDataset` does, for these rows, and for an image that is not the one that was written; Interrupted
 *   when the user stops it
 */
export async function openPart(
  folder: string,
  splits: readonly Split[],
  { from, to }: { from: number; to: number },
): Promise<UnlabelledDataset> {
  const { path, info } = checkedFolder(folder);
  const tablePath = join(path, TABLE_FILE);
  const which = `${inSplits(splits)} LIMIT ${to - from} OFFSET ${from}`;
  const table = await withDuckDB(":memory:", tablePath, (connection) =>
    readStored(connection, tablePath, UNLABELLED_COLUMNS, which),
  );
  const part = { ...info, count: to - from };
  if (table.count < part.count)
    throw new ArcletError({
      where: tablePath,
      code: "broken",
      problem: `has fewer rows than when the work was planned (${from + table.count}, not ${to} or more)`,
    });
  checkTable(table, part);
  if (table.has(IMAGE_HASH)) await verifyImages(path, table);
  return new UnlabelledDataset(new Dataset(path, part, table, info.bands));
}

/** Images between two safe points. */
const AT_ONCE = 256;

/** @throws ArcletError naming the first image that is not the one that was written; Interrupted */
async function verifyImages(folder: string, table: Table): Promise<void> {
  const [ids, hashes] = [table.texts("id"), table.texts(IMAGE_HASH)];
  const [shards, indices] = [table.wholes("shard"), table.wholes("row")];
  const readers = new Map<number, NpyReader>();
  try {
    for (const [row, hash] of hashes.entries()) {
      if (row % AT_ONCE === 0) await safePoint("nothing was written");
      const shard = shards[row]!;
      const reader = readers.get(shard) ?? new NpyReader(join(folder, shardName(shard)));
      readers.set(shard, reader);
      if (imageHash(reader.read(indices[row]!) as ShardValues) === hash) continue;
      throw new ArcletError({
        where: reader.path,
        code: "broken",
        problem: `is damaged: image ${indices[row]} (${ids[row]}) is not the one that was written`,
        fix: "bring the file back from a copy, or make the dataset again",
      });
    }
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}
