/** Writing a VOTable (IVOA Recommendation VOTable 1.4), its rows as TABLEDATA. */
import { ArcletError, type Location } from "../foundation/errors.ts";
import type { CatalogColumn } from "./catalog.ts";
import { isSigned64, type Value } from "./table.ts";

const DATATYPES = { text: "char", whole: "long", number: "double", "yes/no": "boolean" };

/** The document. @throws ArcletError naming the row of a text with a character that XML can't hold */
export function votableText(
  path: string,
  columns: readonly CatalogColumn[],
  rows: readonly (readonly Value[])[],
): string {
  const fields = columns.map((column, c) => fieldElement(column, rows, c));
  const lines = rows.map((row, r) => {
    const cells = row.map(
      (value, c) => `<TD>${cell(value, { where: path, row: r + 1 }, columns[c]!.name)}</TD>`,
    );
    return `<TR>${cells.join("")}</TR>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE>
<TABLE>
${fields.join("\n")}
<DATA>
<TABLEDATA>
${lines.map((line) => `${line}\n`).join("")}</TABLEDATA>
</DATA>
</TABLE>
</RESOURCE>
</VOTABLE>
`;
}

function fieldElement(
  { name, type, unit, ucd, description }: CatalogColumn,
  rows: readonly (readonly Value[])[],
  c: number,
): string {
  // `char` is ASCII by the standard.
  const wide =
    type === "text" && rows.some((row) => row[c] !== null && /[^\x20-\x7e\s]/.test(row[c] as string));
  // The standard has no whole numbers beyond 64 bits with a sign: the digits stay, as text.
  const long = type === "whole" && rows.some((row) => typeof row[c] === "bigint" && !isSigned64(row[c]));
  const datatype = wide ? "unicodeChar" : long ? "char" : DATATYPES[type];
  const size = type === "text" || long ? ' arraysize="*"' : "";
  const more = (key: string, value: string | undefined) =>
    value === undefined ? "" : ` ${key}="${escaped(value)}"`;
  const start = `<FIELD name="${escaped(name)}" datatype="${datatype}"${size}${more("unit", unit)}${more("ucd", ucd)}`;
  return description === undefined
    ? `${start}/>`
    : `${start}><DESCRIPTION>${escaped(description)}</DESCRIPTION></FIELD>`;
}

function cell(value: Value, location: Location, name: string): string {
  if (value === null || Number.isNaN(value)) return "";
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "number" && !Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (typeof value !== "string") return String(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 can't write these
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value) || /\p{Cs}/u.test(value))
    throw new ArcletError({
      ...location,
      code: "argument",
      field: name,
      problem: "holds a character that a VOTable can't",
    });
  return escaped(value);
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};
const escaped = (text: string): string => text.replace(/[&<>"\r]/g, (sign) => ESCAPES[sign]!);
