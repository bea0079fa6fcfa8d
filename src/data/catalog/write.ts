/** Writing a catalogue in the format that its name's end stands for. */
import { renameSync, rmSync } from "node:fs";
import { ArcletError, refuse, show } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { identifier, literal, withDuckDB } from "../duck.ts";
import { fillTable } from "../duck-rows.ts";
import type { ColumnType, Value } from "../table.ts";
import type { CatalogColumn } from "./catalog.ts";
import { formatByName } from "./format.ts";

/**
 * Writes rows as CSV, TSV, Parquet, VOTable, FITS or DS9 regions, by the name's end. The file is whole or not there.
 *
 * @param rows a list of values each, in the columns' order; null is empty
 * @throws ArcletError for a name that ends otherwise, or a value that is not of its column's type, naming its row
 */
export async function writeCatalog(
  path: string,
  columns: readonly CatalogColumn[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const format = formatByName(path);
  check(path, columns, rows);
  if (format === "csv" || format === "tsv") return writeFileWhole(path, text(columns, rows, format));
  if (format === "parquet") return writeParquet(path, columns, rows);
  throw new ArcletError(`${path}: ${format} is not written`);
}

const KINDS: Record<ColumnType, (value: Value) => boolean> = {
  text: (value) => typeof value === "string",
  whole: (value) => typeof value === "bigint" || Number.isSafeInteger(value),
  number: (value) => typeof value === "number" || typeof value === "bigint",
  "yes/no": (value) => typeof value === "boolean",
};

function check(path: string, columns: readonly CatalogColumn[], rows: readonly (readonly Value[])[]): void {
  const names = columns.map(({ name }) => name);
  if (columns.length === 0) refuse(path, "columns", "given", columns);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new ArcletError(`${path}: column ${twice} occurs twice`);
  for (const [r, row] of rows.entries()) {
    if (row.length !== columns.length)
      refuse(`${path} row ${r + 1}`, "values", `${columns.length}`, row.length);
    for (const [c, { name, type }] of columns.entries())
      if (row[c] !== null && !KINDS[type](row[c]!))
        throw new ArcletError(`${path} row ${r + 1}: ${name} must be of type ${type}, got ${show(row[c])}`);
  }
}

function text(
  columns: readonly CatalogColumn[],
  rows: readonly (readonly Value[])[],
  format: "csv" | "tsv",
): string {
  const delimiter = format === "csv" ? "," : "\t";
  const special = format === "csv" ? /[",\r\n]/ : /["\t\r\n]/;
  // An empty text is quoted: nothing between delimiters is null.
  const cell = (value: Value) => {
    if (value === null) return "";
    const written = String(value);
    return written === "" || special.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
  };
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join(delimiter));
  return `${lines.join("\n")}\n`;
}

async function writeParquet(
  path: string,
  columns: readonly CatalogColumn[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const partial = `${path}.partial`;
  writeFileWhole(partial, ""); // makes the folder, and says in one line where it can't
  try {
    await withDuckDB(":memory:", path, async (connection) => {
      await fillTable(connection, "rows", columns, rows);
      await connection.run(`COPY (FROM ${identifier("rows")}) TO ${literal(partial)} (FORMAT parquet)`);
    });
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}
