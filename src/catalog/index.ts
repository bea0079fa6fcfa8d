/** Catalogues: tables of objects in CSV, Parquet, VOTable and FITS, read and written. */
export type { Catalog, CatalogColumn, CatalogOptions, Rows as CatalogRows } from "./catalog.ts";
export { formatOf } from "./format.ts";
export { type CatalogObjects, objectsOf } from "./objects.ts";
export { readCatalog } from "./read.ts";
export { type ColumnType, Table, type Value } from "./table.ts";
export { type WriteOptions, writeCatalog } from "./write.ts";
