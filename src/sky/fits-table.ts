/** FITS tables, binary and ASCII (FITS standard 4.0, section 7), by CFITSIO. */
import { ArcletError, type Location, refuse } from "../foundation/errors.ts";
import { door, type FitsColumnKind, type NativeColumn, nativeCall } from "./door.ts";
import { type FitsCell, FitsFile, hdusOf, severalHdus } from "./fits.ts";
import type { Header } from "./fits-header.ts";

interface FitsTableValues {
  name: string;
  unit: string;
  kind: FitsColumnKind;
  /** Whether numbers are stored in 32 bits. */
  single: boolean;
  values: FitsCell[];
}

/** A table of a FITS file. */
export interface FitsTable {
  /** Number of the HDU, from 0. */
  hdu: number;
  /** Number of rows. */
  rows: number;
  /** Its columns. */
  columns: FitsTableValues[];
  /** Names of the columns of arrays or complex numbers, which are not read. */
  unread: string[];
  /** Number of tables in the file. */
  tables: number;
  /** Its header. */
  header: Header;
}

/**
 * Reads a table. Undefined values (TNULL, NaN, infinities, an empty text) are null; whole numbers are bigint.
 *
 * @param which HDU number or EXTNAME; by default the first table that `wanted` takes, else the first that has columns
 * @throws ArcletError naming the file when it has no such table, several of that name, or the table contradicts itself
 */
export function readFitsTable(
  path: string,
  which?: string | number,
  wanted: (columns: readonly string[]) => boolean = () => true,
): FitsTable {
  const file = new FitsFile(path);
  try {
    const tables = file.hdus.flatMap((hdu, k) => (hdu.kind !== "image" ? [k] : []));
    if (tables.length === 0) throw new ArcletError({ where: path, code: "empty", problem: "holds no table" });
    const hdu = which === undefined ? firstTable(file, tables, wanted) : tableNamed(file, tables, which);
    const { rows, columns } = file.tableColumns(hdu);
    const named = columns.map(({ name, unit, kind }, c) => ({ name: name || `column_${c + 1}`, unit, kind }));
    const header = file.header(hdu);
    // An ASCII table's E is a way to write digits.
    const binary = file.hdus[hdu]!.kind === "table";
    const isSingle = (c: number) => binary && /^\s*\d*E/i.test(header.string(`TFORM${c + 1}`) ?? "");
    const read = named.flatMap(({ name, unit, kind }, c) =>
      kind === "" ? [] : [{ name, unit, kind, single: isSingle(c), values: file.readColumn(hdu, c) }],
    );
    const unread = named.flatMap(({ name, kind }) => (kind === "" ? [name] : []));
    return { hdu, rows, columns: read, unread, tables: tables.length, header };
  } finally {
    file.close();
  }
}

function tableNamed(file: FitsFile, tables: readonly number[], which: string | number): number {
  const infos = tables.map((k) => ({ ...file.hdus[k]!, hdu: k }));
  const found = hdusOf(infos, which);
  if (found.length > 1) throw severalHdus(file.name, which, found);
  const names = infos.map(({ name, hdu }) => name || String(hdu));
  return found[0] ?? refuse(file.name, "HDU", `one of ${names.join(", ")}`, which, "absent");
}

/** LDAC files and others begin with tables of headers or settings. */
function firstTable(
  file: FitsFile,
  tables: readonly number[],
  wanted: (columns: readonly string[]) => boolean,
): number {
  if (tables.length === 1) return tables[0]!;
  const names = (k: number) =>
    file.tableColumns(k).columns.flatMap(({ name, kind }) => (kind === "" ? [] : [name]));
  return (
    tables.find((k) => wanted(names(k))) ??
    tables.find((k) => !/^LDAC_IMHEAD$/i.test(file.hdus[k]!.name) && names(k).length > 0) ??
    tables[0]!
  );
}

/** A column of a table to write. */
export interface FitsTableColumn {
  /** Its name. */
  name: string;
  /** Its unit. */
  unit?: string;
  /** What it holds. */
  kind: FitsColumnKind;
  /** Null where empty. */
  values: readonly FitsCell[];
}

/**
 * The bytes of a FITS file with one binary table: numbers as doubles, whole numbers as 64-bit integers (TNULL where
 * empty), without a sign where one is beyond 2^63, texts as ASCII.
 *
 * @throws ArcletError naming `where` and the row for a text that is not printable ASCII, or a number beyond 64 bits
 */
export function fitsTableBytes(
  columns: readonly FitsTableColumn[],
  rows: number,
  where = "fits",
): Uint8Array {
  const storedColumns = columns.map((column) => {
    for (const [what, text] of [
      ["name", column.name],
      ["unit", column.unit ?? ""],
    ] as const)
      if (!/^[ -~]{0,68}$/.test(text))
        refuse(where, `a column's ${what}`, "at most 68 ASCII characters", text);
    return { name: column.name, unit: column.unit ?? "", ...stored(column, where) };
  });
  return nativeCall(where, () => door().writeTable(storedColumns, rows));
}

const EMPTY = -(2n ** 63n);
const UNSIGNED_EMPTY = 2n ** 64n - 1n;

function stored(
  { name, kind, values }: FitsTableColumn,
  where: string,
): Pick<NativeColumn, "data" | "width"> {
  if (kind === "number")
    return {
      data: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
      width: 0,
    };
  if (kind === "yes/no")
    return { data: Int8Array.from(values, (value) => (value === null ? -1 : Number(value))), width: 0 };
  if (kind === "whole") {
    const beyond = (value: FitsCell) => typeof value === "bigint" && value >= -EMPTY;
    const signed = !values.some(beyond);
    const read = signed ? whole : unsigned;
    const numbers = values.map((value, row) => read(value, { where, row: row + 1 }, name));
    return { data: signed ? BigInt64Array.from(numbers) : BigUint64Array.from(numbers), width: 0 };
  }
  const width = values.reduce<number>((most, value) => Math.max(most, String(value ?? "").length), 1) + 1;
  const data = new Uint8Array(values.length * width);
  for (const [row, value] of values.entries()) {
    const text = String(value ?? "");
    if (!/^[ -~]*$/.test(text))
      refuse({ where, row: row + 1 }, name, "printable ASCII, as FITS tables hold", text);
    for (let k = 0; k < text.length; k++) data[row * width + k] = text.charCodeAt(k);
  }
  return { data, width };
}

function whole(value: FitsCell, where: Location, name: string): bigint {
  if (value === null) return EMPTY;
  const number = BigInt(value as number | bigint);
  if (number <= EMPTY || number >= -EMPTY) refuse(where, name, "a whole number of 64 bits", String(value));
  return number;
}

/** Of a column with numbers beyond 64 bits with a sign. */
function unsigned(value: FitsCell, where: Location, name: string): bigint {
  if (value === null) return UNSIGNED_EMPTY;
  const number = BigInt(value as number | bigint);
  if (number >= 0n && number < UNSIGNED_EMPTY) return number;
  throw new ArcletError({
    ...where,
    code: "argument",
    field: name,
    problem: `is ${number} in a column with numbers beyond 2^63, of which FITS holds 0 to 2^64 - 2`,
    fix: "write CSV or Parquet",
  });
}
