/** A catalogue's table with Arclet's names for what every object has: `id`, and `ra` and `dec` in degrees. */

import type { Catalog } from "./catalog.ts";
import { positionsOf } from "./objects.ts";
import { readCatalog } from "./read.ts";
import { rolesOf } from "./roles.ts";
import { Table, type Value } from "./table.ts";

export interface NamedTable {
  table: Table;
  /** Sentences for the user, such as which columns were guessed. */
  notes: string[];
}

/**
 * Renames the columns of id and position, and converts positions to degrees. Columns that can't be guessed are not
 * renamed; nor is an id column that the user named.
 *
 * @throws ArcletError when a position can't be read, naming its row
 */
export function namedTable(catalog: Catalog, idColumn = "id"): NamedTable {
  const { table } = catalog;
  const { id, ra, dec } = rolesOf(catalog);
  const notes: string[] = [...catalog.notes];
  const renamed = new Map<string, string>();
  if (idColumn === "id" && id !== undefined && !table.has("id")) renamed.set(id, "id");
  const replaced = new Map<string, readonly Value[]>();
  if (ra !== undefined && dec !== undefined) {
    const positions = positionsOf(catalog, { ra, dec });
    const cells = (values: Float64Array) =>
      Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    for (const [name, role] of [
      [ra, "ra"],
      [dec, "dec"],
    ] as const) {
      renamed.set(name, role);
      replaced.set(name, cells(role === "ra" ? positions.ra : positions.dec));
    }
    notes.push(...positions.notes.map((note) => `${table.path}: ${note}`));
  }
  const guessed = [...renamed].filter(([name, role]) => name !== role);
  if (guessed.length > 0)
    notes.push(
      `${table.path}: columns guessed: ${guessed.map(([name, role]) => `${role} is ${name}`).join(", ")}`,
    );
  const roles = [...renamed.values()];
  // A column that already has the name, but another meaning, keeps its values.
  const columnName = (name: string) => renamed.get(name) ?? (roles.includes(name) ? `${name}_given` : name);
  const columns = new Map(
    table.names.map((name) => [columnName(name), replaced.get(name) ?? table.column(name)] as const),
  );
  const types = new Map(
    table.names.map(
      (name) => [columnName(name), replaced.has(name) ? ("number" as const) : table.typeOf(name)] as const,
    ),
  );
  return { table: new Table(table.path, table.count, columns, types), notes };
}

/** The table of an import, in any format. @throws ArcletError as `readCatalog` and `namedTable` do */
export async function importTable(
  path: string,
  idColumn: string,
  texts: readonly string[],
  note: (line: string) => void = () => {},
): Promise<Table> {
  const { table, notes } = namedTable(await readCatalog(path, { texts }), idColumn);
  for (const line of notes) note(line);
  return table;
}
