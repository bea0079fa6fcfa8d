/** Catalogues: tables of objects, in any of the formats that astronomers exchange, as one kind of table. */

import type { FrameWords } from "../sky/celestial-frame.ts";
import type { ReadableFormat } from "./format.ts";
import { type ColumnType, Table, type Value } from "./table.ts";

export interface Catalog {
  /** Its rows. */
  table: Table;
  /** What it was recognised as. */
  format: ReadableFormat;
  /** Units as the file states them, by column; CSV and Parquet have none. */
  units: ReadonlyMap<string, string>;
  /** The IVOA's Unified Content Descriptors (UCD), by column; only VOTables have them. */
  ucds: ReadonlyMap<string, string>;
  /** The celestial frame that the file states, by column; under "" for columns without their own. */
  frames?: ReadonlyMap<string, FrameWords>;
  /** Sentences for the user: columns left out, further tables in the file. */
  notes: readonly string[];
}

export interface CatalogOptions {
  /** Columns of a CSV file to keep as text (`007` is not 7). */
  texts?: readonly string[];
  /** Table of a FITS file: HDU number or EXTNAME; by default the first with positions, else the first. */
  hdu?: string | number;
}

/** A column to write. */
export interface CatalogColumn {
  /** Its name. */
  name: string;
  /** What it holds. */
  type: ColumnType;
  /** As the IVOA writes units, e.g. `deg`. Kept by VOTable and FITS. */
  unit?: string;
  /** Its unified content descriptor. */
  ucd?: string;
  /** What the file says of it. */
  description?: string;
}

/** Whole numbers as a `Table` holds them: numbers, or all bigint if any is beyond 2^53. */
export function wholeValues(values: readonly (bigint | null)[]): Value[] {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const big = values.some((value) => value !== null && (value > most || value < -most));
  return big ? [...values] : values.map((value) => (value === null ? null : Number(value)));
}

/** Names made distinct: the second `flux` becomes `flux_2`. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 2; seen.has(unique) || (unique !== name && taken.has(unique)); n++) unique = `${name}_${n}`;
    seen.add(unique);
    return unique;
  });
}

export type Rows = readonly (readonly Value[])[];

/** A catalogue from columns and rows, as if read from a file at `path`. */
export function catalogOf(path: string, columns: readonly CatalogColumn[], rows: Rows): Catalog {
  const values = new Map(columns.map(({ name }, c) => [name, rows.map((row) => row[c]!)] as const));
  const types = new Map(columns.map(({ name, type }) => [name, type] as const));
  const stated = (what: "unit" | "ucd") =>
    new Map(
      columns.flatMap((column) =>
        column[what] === undefined ? [] : [[column.name, column[what]!] as const],
      ),
    );
  const table = new Table(path, rows.length, values, types);
  return { table, format: "csv", units: stated("unit"), ucds: stated("ucd"), notes: [] };
}

/** A catalogue's columns and rows, as `writeCatalog` takes them. */
export function rowsOf({ table, units, ucds }: Catalog): { columns: CatalogColumn[]; rows: Rows } {
  const columns = table.names.map((name) => {
    const [unit, ucd] = [units.get(name), ucds.get(name)];
    return {
      name,
      type: table.typeOf(name),
      ...(unit === undefined ? {} : { unit }),
      ...(ucd === undefined ? {} : { ucd }),
    };
  });
  const values = table.names.map((name) => table.column(name));
  return {
    columns,
    rows: Array.from({ length: table.count }, (_, row) => values.map((column) => column[row]!)),
  };
}
