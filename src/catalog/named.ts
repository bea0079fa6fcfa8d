/** A catalogue's table under the names that Arclet gives to what every object has: `id`, `ra`, `dec` in degrees. */

import type { Catalog } from "./catalog.ts";
import { positionsOf } from "./objects.ts";
import { readCatalog } from "./read.ts";
import { rolesOf } from "./roles.ts";
import { Table, type Value } from "./table.ts";

export interface NamedTable {
  table: Table;
  /** What was taken for what, a sentence each, to be told to the user. */
  said: string[];
}

/**
 * Renames the columns of id and position, and turns positions into degrees. What can't be guessed stays away; an id column
 * of the user's own naming stays as it is.
 *
 * @throws ArcletError when a position can't be read, naming its row
 */
export function namedTable(catalog: Catalog, idColumn = "id"): NamedTable {
  const { table } = catalog;
  const { id, ra, dec } = rolesOf(catalog);
  const said: string[] = [...catalog.notes];
  const renamed = new Map<string, string>();
  if (idColumn === "id" && id !== undefined && !table.has("id")) renamed.set(id, "id");
  const replaced = new Map<string, readonly Value[]>();
  if (ra !== undefined && dec !== undefined) {
    const positions = positionsOf(catalog, { ra, dec });
    const cells = (values: Float64Array) =>
      Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    for (const [name, own] of [
      [ra, "ra"],
      [dec, "dec"],
    ] as const) {
      renamed.set(name, own);
      replaced.set(name, cells(own === "ra" ? positions.ra : positions.dec));
    }
    said.push(...positions.said.map((one) => `${table.path}: ${one}`));
  }
  const guessed = [...renamed].filter(([name, own]) => name !== own);
  if (guessed.length > 0)
    said.push(
      `${table.path}: taken by their names: ${guessed.map(([name, own]) => `${own} is ${name}`).join(", ")}`,
    );
  const given = [...renamed.values()];
  // A column that has the name already, and is not what is meant, keeps its values.
  const own = (name: string) => renamed.get(name) ?? (given.includes(name) ? `${name}_given` : name);
  const columns = new Map(
    table.names.map((name) => [own(name), replaced.get(name) ?? table.column(name)] as const),
  );
  const types = new Map(
    table.names.map(
      (name) => [own(name), replaced.has(name) ? ("number" as const) : table.typeOf(name)] as const,
    ),
  );
  return { table: new Table(table.path, table.count, columns, types), said };
}

/** The table of an import, whatever its format. @throws ArcletError as `readCatalog` and `namedTable` do */
export async function importTable(
  path: string,
  idColumn: string,
  texts: readonly string[],
  say: (line: string) => void = () => {},
): Promise<Table> {
  const { table, said } = namedTable(await readCatalog(path, { texts }), idColumn);
  for (const line of said) say(line);
  return table;
}
