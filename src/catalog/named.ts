/** A catalogue's table with Arclet's names for what every object has: `id`, and `ra` and `dec` in degrees. */

import type { Catalog } from "./catalog.ts";
import { positionFrame } from "./frames.ts";
import { positionsOf } from "./objects.ts";
import { hduOption, readCatalog } from "./read.ts";
import { rolesOf } from "./roles.ts";
import { type ColumnType, Table, type Value } from "./table.ts";

export interface NamedTable {
  table: Table;
  /** Sentences for the user, such as which columns were guessed. */
  notes: string[];
}

/**
 * Renames the columns of id and position, and converts positions to degrees. Columns that can't be guessed are not
 * renamed; nor is an id column that the user named, or one that has at most half as many values as rows: a survey's
 * name is no id.
 *
 * @throws ArcletError when a position can't be read, naming its row
 */
export function namedTable(catalog: Catalog, idColumn = "id"): NamedTable {
  const { table } = catalog;
  const { id, ra, dec } = rolesOf(catalog);
  const notes: string[] = [...catalog.notes];
  const renamed = new Map<string, string>();
  if (idColumn === "id" && id !== undefined && !table.has("id")) {
    const distinct = new Set(table.column(id)).size;
    if (2 * distinct > table.count) renamed.set(id, "id");
    else
      notes.push(`${table.path}: ${id} is not taken for the id: ${distinct} values in ${table.count} rows`);
  }
  const replaced = new Map<string, readonly Value[]>();
  const added = new Map<string, readonly Value[]>();
  if (ra !== undefined && dec !== undefined) {
    const positions = positionsOf(catalog, { ra, dec });
    if (positions.converted) {
      // Other frames' columns are kept as they are.
      added.set("ra", cells(positions.ra)).set("dec", cells(positions.dec));
      for (const [name, role] of [
        [ra, "ra"],
        [dec, "dec"],
      ] as const)
        if (name === role) renamed.set(name, `${name}_given`);
    } else
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
  const roles = [...renamed.values(), ...added.keys()];
  // A column that already has the name, but another meaning, keeps its values.
  const columnName = (name: string) => renamed.get(name) ?? (roles.includes(name) ? `${name}_given` : name);
  const columns = new Map<string, readonly Value[]>(
    table.names.map((name) => [columnName(name), replaced.get(name) ?? table.column(name)] as const),
  );
  const types = new Map<string, ColumnType>(
    table.names.map(
      (name) => [columnName(name), replaced.has(name) ? ("number" as const) : table.typeOf(name)] as const,
    ),
  );
  for (const [name, values] of added) {
    columns.set(name, values);
    types.set(name, "number");
  }
  const singles = table.names.filter((name) => table.isSingle(name) && !replaced.has(name)).map(columnName);
  return { table: new Table(table.path, table.count, columns, types, new Set(singles)), notes };
}

const cells = (values: Float64Array): Value[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : value));

/**
 * A catalogue whose positions are in a frame that only its file states, not its columns' names, with these in ICRS: other
 * formats can't state it.
 */
export function inIcrs(catalog: Catalog): Catalog {
  const { ra, dec } = rolesOf(catalog);
  if (catalog.frames === undefined || catalog.frames.size === 0 || ra === undefined || dec === undefined)
    return catalog;
  const named = positionFrame({ ...catalog, frames: new Map() }, ra, dec);
  const frame = positionFrame(catalog, ra, dec);
  if (frame.isIcrs || frame.name === named.name) return catalog;
  const { table } = catalog;
  const positions = positionsOf(catalog, { ra, dec });
  const replaced = new Map([
    [ra, cells(positions.ra)],
    [dec, cells(positions.dec)],
  ]);
  const columns = new Map(table.names.map((name) => [name, replaced.get(name) ?? table.column(name)]));
  const types = new Map(
    table.names.map((name) => [name, replaced.has(name) ? ("number" as const) : table.typeOf(name)]),
  );
  const singles = new Set(table.names.filter((name) => table.isSingle(name) && !replaced.has(name)));
  const units = new Map(catalog.units).set(ra, "deg").set(dec, "deg");
  return {
    ...catalog,
    table: new Table(table.path, table.count, columns, types, singles),
    units,
    frames: new Map(),
    notes: [...catalog.notes, ...positions.notes],
  };
}

/** The table of an import, in any format. @throws ArcletError as `readCatalog` and `namedTable` do */
export async function importTable(
  path: string,
  idColumn: string,
  texts: readonly string[],
  note: (line: string) => void = () => {},
  hdu: string | null = null,
): Promise<Table> {
  const catalog = await readCatalog(path, { texts, ...hduOption(hdu) });
  const { table, notes } = namedTable(catalog, idColumn);
  for (const line of notes) note(line);
  return table;
}
