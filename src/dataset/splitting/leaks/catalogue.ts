/** Catalogues of known objects, to compare datasets with. */
import { basename } from "node:path";
import type { Catalog } from "../../../catalog/catalog.ts";
import { idsOf, positionsOf } from "../../../catalog/objects.ts";
import { readCatalog } from "../../../catalog/read.ts";
import { rolesOf } from "../../../catalog/roles.ts";
import { refuse } from "../../../foundation/errors.ts";
import type { Compared } from "./leak.ts";

/**
 * A catalogue of any format, ready to compare. Its ids count only if it has no positions: `17` in two tables is seldom
 * the same object.
 *
 * @returns it, and notes on the role that each column was given
 * @throws ArcletError when it has neither positions nor ids
 */
export async function readKnown(path: string): Promise<{ known: Compared; notes: string[] }> {
  const catalog: Catalog = await readCatalog(path);
  const roles = rolesOf(catalog);
  const { table } = catalog;
  const placed = roles.ra !== undefined && roles.dec !== undefined;
  if (!placed && roles.id === undefined)
    refuse(path, "columns", "with positions (ra, dec) or ids", table.names);
  const { ra, dec, notes } = placed ? positionsOf(catalog, roles) : { ra: null, dec: null, notes: [] };
  const known: Compared = {
    name: basename(path),
    count: table.count,
    ids: placed ? null : idsOf(catalog, roles.id!),
    groups: null,
    splits: null,
    hashes: null,
    positions: ra === null ? null : { ra, dec },
    displayNames: roles.id === undefined ? null : table.column(roles.id).map((value) => String(value ?? "")),
  };
  return { known, notes: [roles.note, ...notes].filter((note) => note !== "") };
}
