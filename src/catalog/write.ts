/** Writing a catalogue in the format of its extension. */
import { renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { csvField } from "../foundation/csv.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { fitsTableBytes } from "../sky/fits-table.ts";
import { type CatalogColumn, catalogOf, type Rows } from "./catalog.ts";
import { literal, withDuckDB } from "./duck.ts";
import { fillTable, fits, stored } from "./duck-rows.ts";
import { formatByName } from "./format.ts";
import { positionsOf } from "./objects.ts";
import { regionsText } from "./regions.ts";
import { type RequestedRoles, rolesOf } from "./roles.ts";
import type { ColumnType, Value } from "./table.ts";
import { votableText } from "./votable-write.ts";

/** Default radius of regions' circles, arcsec: about the size of a galaxy-scale lens. */
const RADIUS = 2.5;

/** What `writeCatalog` may be told. */
export interface WriteOptions {
  /** Of regions' circles, arcsec. */
  radius?: number;
  /** The columns of regions' names, positions and colours; guessed by default. */
  roles?: RequestedRoles & { score?: string | null };
}

/**
 * Writes rows as CSV, TSV, Parquet, VOTable, FITS or DS9 regions, by the extension; all of the file or none.
 *
 * @param rows lists of values, in the columns' order; null is empty
 * @returns sentences for the user: rows that regions can't show
 * @throws ArcletError for an unknown extension, or a value that is not of its column's type, naming its row
 */
export async function writeCatalog(
  path: string,
  columns: readonly CatalogColumn[],
  rows: Rows,
  options: WriteOptions = {},
): Promise<string[]> {
  const format = formatByName(path);
  if (format !== "regions") check(path, columns, rows);
  if (format === "parquet") await writeParquet(path, columns, rows);
  else if (format === "regions") return writeRegions(path, columns, rows, options);
  else if (format === "votable") writeFileWhole(path, votableText(path, columns, rows));
  else if (format === "fits") writeFileWhole(path, fitsBytes(path, columns, rows));
  else writeFileWhole(path, text(columns, rows, format));
  return [];
}

const KINDS: Record<ColumnType, (value: Value) => boolean> = {
  text: (value) => typeof value === "string",
  whole: (value) => (typeof value === "bigint" ? fits(value) : Number.isSafeInteger(value)),
  number: (value) => typeof value === "number" || typeof value === "bigint",
  "yes/no": (value) => typeof value === "boolean",
};

function check(path: string, columns: readonly CatalogColumn[], rows: Rows): void {
  const names = columns.map(({ name }) => name);
  if (columns.length === 0) refuse(path, "columns", "given", columns);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new ArcletError({ where: path, code: "conflict", problem: `column ${twice} occurs twice` });
  for (const [r, row] of rows.entries()) {
    if (row.length !== columns.length)
      refuse({ where: path, row: r + 1 }, "values", `${columns.length}`, row.length);
    for (const [c, { name, type }] of columns.entries())
      if (row[c] !== null && !KINDS[type](row[c]!))
        refuse({ where: path, row: r + 1 }, name, `of type ${type}`, row[c]);
  }
}

function text(columns: readonly CatalogColumn[], rows: Rows, format: "csv" | "tsv"): string {
  const delimiter = format === "csv" ? "," : "\t";
  // An empty text is quoted, since nothing between delimiters means null.
  const cell = (value: Value) => {
    if (value === null) return "";
    const written = String(value);
    return written === "" ? '""' : csvField(written, delimiter);
  };
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join(delimiter));
  return `${lines.join("\n")}\n`;
}

function writeRegions(
  path: string,
  columns: readonly CatalogColumn[],
  rows: Rows,
  options: WriteOptions,
): string[] {
  const catalog = catalogOf(path, columns, rows);
  const { table } = catalog;
  const roles = rolesOf(catalog, options.roles);
  const { ra, dec } = positionsOf(catalog, roles);
  const scoreColumn = options.roles?.score ?? ["score", "grade", "p_lens"].find((name) => table.has(name));
  const scores = scoreColumn === undefined ? undefined : table.column(scoreColumn);
  if (scoreColumn !== undefined && !["number", "whole"].includes(table.typeOf(scoreColumn)))
    refuse(path, `${scoreColumn} (the score)`, "a column of numbers", table.typeOf(scoreColumn));
  const regions = rows.flatMap((_, row) => {
    if (Number.isNaN(ra[row]! + dec[row]!)) return [];
    const id = roles.id === undefined ? null : table.column(roles.id)[row]!;
    const score = scores?.[row] ?? null;
    const position = { ra: ra[row]!, dec: dec[row]!, score: score === null ? null : Number(score) };
    return [{ id: String(id ?? row + 1), ...position }];
  });
  writeFileWhole(path, regionsText(path, regions, options.radius ?? RADIUS));
  const omitted = rows.length - regions.length;
  return omitted === 0 ? [] : [`${path}: ${omitted} of ${rows.length} rows have no position, so no region`];
}

function fitsBytes(path: string, columns: readonly CatalogColumn[], rows: Rows): Uint8Array {
  const fitsColumns = columns.map(({ name, type, unit }, c) => ({
    name,
    kind: type,
    ...(unit === undefined ? {} : { unit }),
    values: rows.map((row) => row[c]!),
  }));
  return fitsTableBytes(fitsColumns, rows.length, path);
}

async function writeParquet(path: string, columns: readonly CatalogColumn[], rows: Rows): Promise<void> {
  const partial = `${path}.partial`;
  writeFileWhole(partial, ""); // makes the folder, or fails with an error of one line
  try {
    await withDuckDB(":memory:", path, async (connection) => {
      await fillTable(connection, "rows", columns, rows);
      const table = await stored(connection, "rows", columns);
      await connection.run(`COPY ${table} TO ${literal(resolve(partial))} (FORMAT parquet)`);
    });
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}
