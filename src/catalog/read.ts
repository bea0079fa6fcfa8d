/** Reading a catalogue of any format. */
import { ArcletError } from "../foundation/errors.ts";
import type { Catalog, CatalogOptions } from "./catalog.ts";
import { readCsv } from "./csv.ts";
import { parquetSource, withDuckDB } from "./duck.ts";
import { readFitsCatalog } from "./fits-read.ts";
import { formatOf } from "./format.ts";
import { idColumn } from "./roles.ts";
import { readTable } from "./table.ts";

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
    const query = `SELECT * FROM ${parquetSource(path)}`;
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
  const notes: string[] = [...text!.form.said];
  const table = await readCsv(path, kept, text, (line) => notes.push(line));
  return { ...plain, table, units: text!.form.units, notes };
}
