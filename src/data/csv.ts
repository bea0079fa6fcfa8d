/** Reading the table of an import. */
import { statSync } from "node:fs";
import { guarded } from "../foundation/files.ts";
import { literal, withDuckDB } from "./duck.ts";
import { readTable, type Table } from "./table.ts";

/**
 * Reads a CSV file (tab-separated when it ends in `.tsv`) with a header line. Types are found by reading all of
 * it: yes/no, whole numbers, numbers, else text; empty is null.
 *
 * @param texts columns to keep as they are written (`007` is not 7); those that the file lacks are ignored
 * @throws ArcletError naming the file, and the line where there is one
 */
export async function readCsv(path: string, texts: readonly string[]): Promise<Table> {
  guarded(path, () => statSync(path));
  const delimiter = path.toLowerCase().endsWith(".tsv") ? "\t" : ",";
  const format = `header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', null_padding = false`;
  return withDuckDB(":memory:", path, async (connection) => {
    const reader = `read_csv(${literal(path)}, ${format}`;
    const names = (
      await connection.runAndReadAll(`SELECT * FROM ${reader}, all_varchar = true) LIMIT 0`)
    ).columnNames();
    const fixed = texts.filter((name) => names.includes(name));
    const types = fixed.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
    const query = `SELECT * FROM ${reader}, sample_size = -1,
      auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR']${fixed.length ? `, types = {${types}}` : ""})`;
    return readTable(connection, path, query);
  });
}
