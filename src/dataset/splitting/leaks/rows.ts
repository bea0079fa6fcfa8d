/**
 * What is needed of a dataset to compare it with others, and no more: a few columns of its table, and where its images
 * are. `openDataset` checks everything; here faults are what is searched for.
 */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { identifier, parquetSource, withDuckDB } from "../../../catalog/duck.ts";
import { readTable, type Table, type Value } from "../../../catalog/table.ts";
import { ArcletError, refuse } from "../../../foundation/errors.ts";
import { guarded } from "../../../foundation/files.ts";
import { IMAGE_HASH } from "../../hash.ts";
import { type DatasetInfo, INFO_FILE, readInfo, SPLITS, type Split, TABLE_FILE } from "../../info.ts";
import type { Positions } from "../grouping/sphere-grid.ts";
import { type Compared, titleOf } from "./leak.ts";

export interface DatasetRows extends Compared {
  folder: string;
  info: DatasetInfo;
  ids: readonly string[];
  groups: readonly string[];
  splits: readonly Split[];
  /** The shard of each row's image, and its index there. */
  shard: readonly number[];
  index: readonly number[];
}

const NEEDED = ["id", "group", "split", "shard", "row"];

/** @throws ArcletError naming the file, and the row if it is in one */
export async function readRows(folder: string): Promise<DatasetRows> {
  const path = resolve(folder);
  guarded(folder, () => statSync(path));
  const info = readInfo(join(path, INFO_FILE));
  const file = join(path, TABLE_FILE);
  guarded(file, () => statSync(file));
  const table = await withDuckDB(":memory:", file, async (connection) => {
    const read = parquetSource(file);
    const names = (await connection.runAndReadAll(`SELECT * FROM ${read} LIMIT 0`)).columnNames();
    const present = [...NEEDED, IMAGE_HASH, "ra", "dec"].filter((name) => names.includes(name));
    return readTable(connection, file, `SELECT ${present.map(identifier).join(", ")} FROM ${read}`);
  });
  if (table.count !== info.count)
    throw new ArcletError({
      where: file,
      code: "broken",
      problem: `has ${table.count} rows, ${INFO_FILE} counts ${info.count} images`,
    });
  const splits = table.texts("split");
  const odd = splits.findIndex((split) => !(SPLITS as readonly string[]).includes(split));
  if (odd >= 0)
    refuse({ where: file, row: odd + 1 }, "split", `one of ${SPLITS.join(", ")}`, splits[odd], "broken");
  const [shard, index] = [table.wholes("shard"), table.wholes("row")];
  shard.forEach((k, row) => {
    const count = info.shards[k]?.rows ?? 0;
    if (!(index[row]! >= 0 && index[row]! < count))
      refuse({ where: file, row: row + 1 }, "shard and row", "those of an image", [k, index[row]], "broken");
  });
  return {
    name: titleOf(info.name, path),
    folder: path,
    info,
    count: table.count,
    ids: table.texts("id"),
    groups: table.texts("group"),
    splits: splits as readonly Split[],
    hashes: table.has(IMAGE_HASH) ? table.texts(IMAGE_HASH) : null,
    positions: positionsIn(table),
    shard,
    index,
  };
}

/**
 * A table's columns `ra` and `dec`; null if it lacks them, or they are empty.
 *
 * @throws ArcletError naming the first row whose position is not valid
 */
function positionsIn(table: Table): Positions | null {
  if (!table.has("ra") || !table.has("dec")) return null;
  const degrees = (name: string, low: number, high: number) =>
    Float64Array.from(table.column(name), (value: Value, row) => {
      if (value === null || Number.isNaN(value)) return Number.NaN;
      if (typeof value === "number" && value >= low && value <= high) return value;
      return refuse({ where: table.path, row: row + 1 }, name, `from ${low} to ${high} degrees`, value);
    });
  const [ra, dec] = [degrees("ra", -180, 360), degrees("dec", -90, 90)];
  let known = 0;
  ra.forEach((value, row) => {
    if (Number.isNaN(value) || Number.isNaN(dec[row]!)) {
      ra[row] = Number.NaN;
      dec[row] = Number.NaN;
    } else known++;
  });
  return known === 0 ? null : { ra, dec };
}
