/** Reading a catalogue of any format. */
import { ArcletError } from "../foundation/errors.ts";
import type { Catalog, CatalogOptions } from "./catalog.ts";
import { readCsv } from "./csv.ts";
import { literal, withDuckDB } from "./duck.ts";
import { readFitsCatalog } from "./fits-read.ts";
import { formatOf } from "./format.ts";
import { idColumn } from "./roles.ts";
import { readTable } from "./table.ts";

/** The option of a flag that names a FITS table. */
export const hduOption = (hdu: string | null): Pick<CatalogOptions, "hdu"> =>
  hdu === null ? {} : { hdu: /^\d+$/.test(hdu) ? Number(hdu) : hdu };

/**
 * Reads a table as CSV, TSV, Parquet, VOTable or FITS, by its content. In CSV the column of ids is kept as text.
 *
 * @throws ArcletError naming the file, and the row or line where there is one
 */
export async function readCatalog(path: string, options: CatalogOptions = {}): Promise<Catalog> {
  const { format, gzipped } = formatOf(path);
  const plain = { format, units: new Map(), ucds: new Map(), notes: [] };
  if (format === "parquet") {
    if (gzipped)
      throw new ArcletError({
        where: path,
        code: "unsupported",
        problem: "is a gzipped Parquet file",
        fix: "unpack it first",
      });
    const query = `SELECT * FROM read_parquet(${literal(path)})`;
    const read = () => withDuckDB(":memory:", path, (connection) => readTable(connection, path, query));
    return { ...plain, table: await read() };
  }
  if (format === "votable") {
    const { readVotable } = await import("./votable-read.ts");
    return readVotable(path, gzipped);
  }
  if (format === "fits") return readFitsCatalog(path, options.hdu);
  const { texts = [] } = options;
  const kept = (names: readonly string[]) => [...texts, ...[idColumn(names) ?? []].flat()];
  return { ...plain, table: await readCsv(path, kept, { tabs: format === "tsv", gzipped }) };
}
