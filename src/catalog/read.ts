/** Reading a catalogue of any format. */
import { ArcletError } from "../foundation/errors.ts";
import type { Catalog, CatalogOptions } from "./catalog.ts";
import { readCsv } from "./csv.ts";
import { identifier, parquetSource, queried, withDuckDB } from "./duck.ts";
import { readFitsCatalog } from "./fits-read.ts";
import { formatOf } from "./format.ts";
import { idColumn } from "./roles.ts";
import { readTable, Table, type Value } from "./table.ts";

/** The option of a flag that names a FITS table. */
export const hduOption = (hdu: string | null): Pick<CatalogOptions, "hdu"> =>
  hdu === null ? {} : { hdu: /^\d+$/.test(hdu) ? Number(hdu) : hdu };

/**
 * Reads a table of text (CSV and its like, ECSV, SExtractor's), Parquet, VOTable or FITS, by its content. In text the column
 * of ids is kept as text.
 *
 * @throws ArcletError naming the file, and the row or line if there is one
 */
export async function readCatalog(path: string, options: CatalogOptions = {}): Promise<Catalog> {
  const { format, gzipped, text } = formatOf(path);
  const plain = { format, units: new Map(), ucds: new Map(), notes: [] };
  if (format === "parquet") {
    if (gzipped)
      throw new ArcletError({
        where: path,
        code: "unsupported",
        problem: "is a gzipped Parquet file",
        fix: "unpack it first",
      });
    return readParquet([path], path);
  }
  if (format === "votable") {
    const { readVotable } = await import("./votable-read.ts");
    return readVotable(path, gzipped);
  }
  if (format === "fits") return readFitsCatalog(path, options.hdu);
  const { texts = [] } = options;
  const kept = (names: readonly string[]) => [...texts, ...[idColumn(names) ?? []].flat()];
  const notes: string[] = [...text!.form.said];
  const table = finite(await readCsv(path, kept, text, (line) => notes.push(line)));
  return { ...plain, table, units: text!.form.units, notes };
}

/**
 * A Parquet file, or several as one table, in their order. Columns of lists, structures and bytes, which a table can't hold,
 * are left out; with a note, unless they are `known`.
 *
 * @param path what messages call the table
 * @throws ArcletError when a file can't be read, or has no other column
 */
export async function readParquet(
  files: readonly string[],
  path: string,
  known: readonly string[] = [],
): Promise<Catalog> {
  return withDuckDB(":memory:", path, async (connection) => {
    const source = parquetSource(files);
    const described = await queried(connection, `DESCRIBE SELECT * FROM ${source}`);
    const kept: string[] = [];
    const left: string[] = [];
    for (const [name, type] of described as [string, string][])
      (/\]$|^(STRUCT|MAP|UNION|BLOB)\b/.test(type) ? left : kept).push(name);
    if (kept.length === 0 && known.length === 0)
      throw new ArcletError({ where: path, code: "empty", problem: "has no column that a table can hold" });
    const said = left.filter((name) => !known.includes(name));
    const notes = said.length === 0 ? [] : [`${path}: columns of lists are left out: ${said.join(", ")}`];
    const columns = kept.length === 0 ? "NULL AS nothing" : kept.map(identifier).join(", ");
    const table = finite(await readTable(connection, path, `SELECT ${columns} FROM ${source}`));
    return { table, format: "parquet", units: new Map(), ucds: new Map(), notes };
  });
}

/** NaN and what is infinite are empty, as in the other formats. */
function finite(table: Table): Table {
  const bad = (value: Value) => typeof value === "number" && !Number.isFinite(value);
  if (!table.names.some((name) => table.typeOf(name) === "number" && table.column(name).some(bad)))
    return table;
  const columns = new Map(
    table.names.map((name) => {
      const values = table.column(name);
      return [
        name,
        table.typeOf(name) === "number" ? values.map((v) => (bad(v) ? null : v)) : values,
      ] as const;
    }),
  );
  const types = new Map(table.names.map((name) => [name, table.typeOf(name)] as const));
  const singles = new Set(table.names.filter((name) => table.isSingle(name)));
  return new Table(table.path, table.count, columns, types, singles);
}
