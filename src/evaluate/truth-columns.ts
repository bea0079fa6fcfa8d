/** What a simulated or painted dataset knows of its rows besides their class. */
import type { Dataset, Rows } from "../dataset/dataset.ts";
import { COMPLETENESS_COLUMNS, type NumberColumn, type TruthColumns } from "./completeness.ts";

/** The columns that the dataset has; undefined if none. */
export function truthColumnsOf({ table }: Dataset, rows: Rows): TruthColumns | undefined {
  const numbers = COMPLETENESS_COLUMNS.flatMap((column): NumberColumn[] => {
    if (!table.has(column.column)) return [];
    const values = table.column(column.column);
    return [
      {
        ...column,
        values: Float64Array.from(rows, (row) => {
          const value = values[row];
          return typeof value === "number" ? value : Number.NaN;
        }),
      },
    ];
  });
  const kinds = table.has("kind") ? table.column("kind") : undefined;
  if (kinds === undefined) return numbers.length === 0 ? undefined : { numbers };
  const kind = Array.from(rows, (row) => {
    const value = kinds[row];
    return typeof value === "string" ? value : null;
  });
  return { numbers, kind };
}
