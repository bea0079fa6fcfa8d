/** Checks of a dataset's table. */

import type { Table } from "../catalog/table.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { IMAGE_HASH } from "./hash.ts";
import { type DatasetInfo, INFO_FILE, SPLITS } from "./info.ts";

/** @throws ArcletError naming the table and the first wrong row */
export function checkTable(table: Table, info: DatasetInfo): void {
  if (table.count !== info.count)
    throw new ArcletError({
      where: table.path,
      code: "broken",
      problem: `has ${table.count} rows, ${INFO_FILE} counts ${info.count} images`,
    });
  refuseRepeatedIds(table);
  checkImages(table, info);
  table.texts("split").forEach((split, row) => {
    if (!(SPLITS as readonly string[]).includes(split))
      refuse({ where: table.path, row: row + 1 }, "split", `one of ${SPLITS.join(", ")}`, split, "broken");
  });
  refuseInTwoSplits(table, table.texts("group"), (group) => `group ${group}`);
  if (table.has(IMAGE_HASH)) refuseInTwoSplits(table, table.texts(IMAGE_HASH), () => "the same image");
  if (table.has("label")) checkLabels(table, info);
}

/** Every row has an image of its own in a shard. */
function checkImages(table: Table, info: DatasetInfo): void {
  const shards = table.wholes("shard");
  const rows = table.wholes("row");
  let images = 0;
  const before = info.shards.map((shard) => {
    images += shard.rows;
    return images - shard.rows;
  });
  // Not a list: of part of a table's rows, few of all images are taken.
  const taken = new Map<number, number>();
  for (const [i, shard] of shards.entries()) {
    const count = info.shards[shard]?.rows;
    const row = rows[i]!;
    if (count === undefined)
      refuse({ where: table.path, row: i + 1 }, "shard", `0 to ${info.shards.length - 1}`, shard, "broken");
    if (!(row >= 0 && row < count))
      refuse({ where: table.path, row: i + 1 }, "row", `0 to ${count - 1} (shard ${shard})`, row, "broken");
    const image = before[shard]! + row;
    const first = taken.get(image);
    if (first !== undefined)
      throw new ArcletError({
        where: table.path,
        row: i + 1,
        code: "conflict",
        problem: `points to the image of row ${first + 1}`,
      });
    taken.set(image, i);
  }
}

function checkLabels(table: Table, info: DatasetInfo): void {
  const classes = new Set<unknown>(info.classes);
  table.column("label").forEach((label, row) => {
    if (label !== null && !classes.has(label))
      refuse(
        { where: table.path, row: row + 1 },
        "label",
        `one of the classes ${info.classes.join(", ") || "(there are none)"}`,
        label,
      );
  });
}

function refuseRepeatedIds(table: Table): void {
  const seen = new Map<string, number>();
  for (const [row, id] of table.texts("id").entries()) {
    const first = seen.get(id);
    if (first !== undefined)
      throw new ArcletError({
        where: table.path,
        row: row + 1,
        code: "conflict",
        problem: `has the id ${id}, as row ${first + 1} has`,
      });
    seen.set(id, row);
  }
}

/** @throws ArcletError when rows of one key are in two splits */
function refuseInTwoSplits(table: Table, keys: readonly string[], what: (key: string) => string): void {
  const splits = table.texts("split");
  const first = new Map<string, number>();
  keys.forEach((key, row) => {
    const before = first.get(key);
    if (before === undefined) first.set(key, row);
    else if (splits[before] !== splits[row])
      throw new ArcletError({
        where: table.path,
        row: row + 1,
        code: "conflict",
        problem: `${what(key)} is in ${splits[row]} here and in ${splits[before]} in row ${before + 1}`,
      });
  });
}
