/** Reading text tables: CSV, TSV and others that are separated by lines and columns. */
import { statSync } from "node:fs";
import { refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { checkGzip } from "../foundation/unpacking.ts";
import { identifier, withDuckDB } from "./duck.ts";
import { formatOf } from "./format.ts";
import { readTable, type Table } from "./table.ts";
import { type TextFile, withTextSource } from "./text/source.ts";
import { typedColumns } from "./text/types.ts";

/**
 * Reads a text table. A column's type follows from all of its values: yes/no, whole number, number, else text; empty is null.
 *
 * @param texts columns to keep as text (`007` is not 7), or a function that chooses them from the header's names; those
 *   that the file lacks are ignored
 * @param note called with each sentence for the user
 * @throws ArcletError naming the file, and the row or line if there is one
 */
export async function readCsv(
  path: string,
  texts: readonly string[] | ((names: readonly string[]) => readonly string[]),
  file: TextFile = textFileOf(path),
  note: (line: string) => void = () => {},
): Promise<Table> {
  // DuckDB unpacks by itself, without a bound.
  if (file.gzipped) await checkGzip(path, guarded(path, () => statSync(path)).size);
  const { names, texts: stated, decimalComma } = file.form;
  const kept = [...(typeof texts === "function" ? texts(names) : texts), ...stated];
  return withTextSource(file, ({ sql }) =>
    withDuckDB(":memory:", path, async (connection) => {
      const how = { texts: kept, decimalComma };
      const typed = await typedColumns(connection, sql, names, how, (line) => note(`${path}: ${line}`));
      const select = typed.map((column) => `${column.sql} AS ${identifier(column.name)}`).join(", ");
      return readTable(connection, path, `SELECT ${select} FROM ${sql}`);
    }),
  );
}

/** A file that is a text table. @throws ArcletError as `formatOf` does, or when it holds another format */
function textFileOf(path: string): TextFile {
  const { text, format } = formatOf(path);
  return text ?? refuse(path, "table", "CSV or another table of text", format);
}
