/** Reading text tables: CSV and TSV. */
import { statSync } from "node:fs";
import { guarded } from "../foundation/files.ts";
import { checkGzip } from "../foundation/unpacking.ts";
import { literal, withDuckDB } from "./duck.ts";
import { readTable, type Table } from "./table.ts";

/**
 * Reads a CSV file with a header line (tab-separated if it ends in `.tsv` or `tabs` is true); it may be gzipped. A
 * column's type follows from all of its values: yes/no, whole number, number, else text; empty is null.
 *
 * @param texts columns to keep as text (`007` is not 7), or a function that chooses them from the header's names; those
 *   that the file lacks are ignored
 * @throws ArcletError naming the file, and the line where there is one
 */
export async function readCsv(
  path: string,
  texts: readonly string[] | ((names: readonly string[]) => readonly string[]),
  { tabs = path.toLowerCase().endsWith(".tsv"), gzipped = false } = {},
): Promise<Table> {
  const { size } = guarded(path, () => statSync(path));
  if (gzipped) await checkGzip(path, size); // DuckDB unpacks by itself, without a bound
  const packed = gzipped ? ", compression = 'gzip'" : "";
  const format = `header = true, delim = ${literal(tabs ? "\t" : ",")}, quote = '"', escape = '"', null_padding = false${packed}`;
  return withDuckDB(":memory:", path, async (connection) => {
    const reader = `read_csv(${literal(path)}, ${format}`;
    const names = (
      await connection.runAndReadAll(`SELECT * FROM ${reader}, all_varchar = true) LIMIT 0`)
    ).columnNames();
    const kept = typeof texts === "function" ? texts(names) : texts;
    const fixed = [...new Set(kept)].filter((name) => names.includes(name));
    const types = fixed.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
    const query = `SELECT * FROM ${reader}, sample_size = -1,
      auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR']${fixed.length ? `, types = {${types}}` : ""})`;
    return readTable(connection, path, query);
  });
}
