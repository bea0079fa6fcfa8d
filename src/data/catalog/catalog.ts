/** Catalogues: tables of objects in any of the formats that astronomers pass around, read into one kind of table. */
import type { ColumnType, Table, Value } from "../table.ts";
import type { ReadableFormat } from "./format.ts";

export interface Catalog {
  table: Table;
  format: ReadableFormat;
  /** Units as the file states them, by column; CSV and Parquet state none. */
  units: ReadonlyMap<string, string>;
  /** The IVOA's content descriptors (UCD), by column; only VOTables have them. */
  ucds: ReadonlyMap<string, string>;
  /** What a reader should know, a sentence each: columns left out, further tables in the file. */
  notes: readonly string[];
}

export interface CatalogOptions {
  /** Columns that stay as they are written in a CSV file (`007` is not 7). */
  texts?: readonly string[];
  /** Which table of a FITS file: its place or its EXTNAME; the first where left out. */
  hdu?: string | number;
}

/** A column to write. */
export interface CatalogColumn {
  name: string;
  type: ColumnType;
  /** As the IVOA writes units, e.g. `deg`. Kept by VOTable and FITS. */
  unit?: string;
  ucd?: string;
  description?: string;
}

/** Whole numbers as a `Table` holds them: numbers, or bigint throughout where any is beyond 2^53. */
export function wholeValues(values: readonly (bigint | null)[]): Value[] {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const big = values.some((value) => value !== null && (value > most || value < -most));
  return big ? [...values] : values.map((value) => (value === null ? null : Number(value)));
}
