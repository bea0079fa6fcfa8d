/** How a dataset keeps the columns of the table it was imported from. */

import type { ColumnType, Table, Value } from "../../catalog/table.ts";
import { CORE_COLUMNS } from "../../dataset/row-log.ts";
import { refuse } from "../../foundation/errors.ts";
import type { ImportConfig } from "./config.ts";

/** The columns besides the core's: new name → type. */
export function furtherColumns(table: Table, config: ImportConfig): Record<string, ColumnType> {
  const names = table.names.filter((name) => !(keptAs(name, config) in CORE_COLUMNS));
  return Object.fromEntries(names.map((name) => [keptAs(name, config), table.typeOf(name)]));
}

/** A row's values under their new names. @throws ArcletError when ra or dec is not a number */
export function keptValues(table: Table, row: number, config: ImportConfig): Record<string, Value> {
  const all: Record<string, Value> = {};
  for (const name of table.names) {
    const kept = keptAs(name, config);
    const value = table.column(name)[row]!;
    if ((kept === "ra" || kept === "dec") && value !== null && typeof value !== "number")
      refuse({ where: table.path, row: row + 1 }, name, "a number (degrees)", value);
    all[kept] = value;
  }
  return all;
}

/** A name that a dataset uses itself becomes `csv_<name>`. */
function keptAs(name: string, config: ImportConfig): string {
  if (name === config.idColumn) return "id";
  const lower = name.toLowerCase();
  if (lower === "ra" || lower === "dec") return lower;
  return lower in CORE_COLUMNS ? `csv_${lower}` : name;
}
