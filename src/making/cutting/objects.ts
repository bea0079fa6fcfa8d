/** The positions of a catalogue to cut, and its further columns. */
import { type CatalogObjects, objectsOf, positionsOf } from "../../catalog/objects.ts";
import { hduOption, readCatalog } from "../../catalog/read.ts";
import { rolesOf } from "../../catalog/roles.ts";
import type { ColumnType, Value } from "../../catalog/table.ts";
import { CORE_COLUMNS } from "../../dataset/row-log.ts";
import { distinct, skyName } from "../detecting/names.ts";
import type { CutoutsConfig } from "./config.ts";

export interface CutObjects extends CatalogObjects {
  /** Further columns: name → type. */
  columns: Record<string, ColumnType>;
  /** A row's values in these, as an object of its own. */
  valuesOf(row: number): Record<string, Value>;
}

/**
 * Ids, positions and further columns of a catalogue. Objects without ids are named by their sky position; a column whose
 * name is taken becomes `csv_<name>`.
 *
 * @param taken names of columns besides the dataset's own
 * @throws ArcletError as `objectsOf` does
 */
export async function objectsIn(config: CutoutsConfig, taken: readonly string[]): Promise<CutObjects> {
  const given = { id: config.idColumn, ra: config.raColumn, dec: config.decColumn };
  const catalog = await readCatalog(config.catalog, {
    texts: config.idColumn === null ? [] : [config.idColumn],
    ...hduOption(config.catalogHdu),
  });
  const roles = rolesOf(catalog, given);
  const objects = roles.id === undefined ? named(catalog, roles) : objectsOf(catalog, given);
  const { table } = catalog;
  const reserved = new Set([...Object.keys(CORE_COLUMNS), ...taken]);
  const kept = table.names
    // Positions of another frame are kept beside those in ICRS.
    .filter((name) => name !== roles.id && (objects.converted || (name !== roles.ra && name !== roles.dec)))
    .map((name) => [reserved.has(name.toLowerCase()) ? `csv_${name.toLowerCase()}` : name, name] as const);
  return {
    ...objects,
    notes: [...catalog.notes, ...objects.notes],
    columns: Object.fromEntries(kept.map(([as, name]) => [as, table.typeOf(name)])),
    valuesOf: (row) => Object.fromEntries(kept.map(([as, name]) => [as, table.column(name)[row]!])),
  };
}

function named(...[catalog, roles]: Parameters<typeof positionsOf>): CatalogObjects {
  const positions = positionsOf(catalog, roles);
  const { ra, dec, notes } = positions;
  const names = Array.from(ra, (value, row) =>
    Number.isNaN(value + dec[row]!) ? `row-${row + 1}` : skyName(value, dec[row]!),
  );
  return {
    ...positions,
    ids: distinct(names),
    notes: [`${catalog.table.path}: has no column of ids, so objects are named by sky position`, ...notes],
  };
}
