/** Rows of a dataset by the ids in another table. */
import { idText } from "../catalog/id-text.ts";
import { idColumn } from "../catalog/roles.ts";
import type { Table } from "../catalog/table.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";

export type RowsById = ReadonlyMap<string, number>;

/**
 * The dataset's row of each row of a table.
 *
 * @param dataset its folder, for messages
 * @param fix what to do about a row (from 0) whose id is not the dataset's
 * @throws ArcletError naming the first row whose id is missing, comes twice, or is not the dataset's
 */
export function idsOf(
  table: Table,
  rows: RowsById,
  dataset: string,
  fix: (row: number) => string = () => "give the dataset that was scored",
): Int32Array {
  const { path } = table;
  const name = idColumn(table.names);
  if (name === undefined) return refuse(path, "columns", "a list with an id column", table.names);
  const seen = new Map<number, number>();
  return Int32Array.from(table.column(name), (value, k) => {
    const at = { where: path, row: k + 1 };
    const id = idText(value, at, name, table.isSingle(name));
    if (id === "") refuse(at, name, "given", undefined);
    const row = rows.get(id);
    if (row === undefined)
      throw new ArcletError({
        ...at,
        code: "conflict",
        problem: `id ${id} is not one of ${dataset}, whose ids look like ${rows.keys().next().value}`,
        fix: fix(k),
      });
    const before = seen.get(row);
    if (before !== undefined)
      throw new ArcletError({ ...at, code: "conflict", problem: `id ${id} is in row ${before} already` });
    seen.set(row, k + 1);
    return row;
  });
}
