/** Catalogues: tables of objects in CSV, Parquet, VOTable and FITS, read and written. */
export {
  type Catalog,
  type CatalogColumn,
  type CatalogOptions,
  catalogOf,
  type Rows as CatalogRows,
  rowsOf,
} from "./catalog.ts";
export { formatByName, formatOf } from "./format.ts";
export { type NamedTable, namedTable } from "./named.ts";
export { type CatalogObjects, objectsOf } from "./objects.ts";
export { readCatalog } from "./read.ts";
export { type AskedRoles, idColumn, rolesOf } from "./roles.ts";
export { type ColumnType, Table, type Value } from "./table.ts";
export { type WriteOptions, writeCatalog } from "./write.ts";
