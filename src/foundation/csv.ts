/** Writing CSV (RFC 4180) and TSV files. */

/** A text as a field: quoted if it holds a delimiter, a quote or a line break. */
export const csvField = (text: string, delimiter: "," | "\t" = ","): string =>
  /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;

/** A file's text, one line per row, header included; null and undefined are empty fields. */
export const csvText = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map((value) => csvField(String(value ?? ""))).join(",")}\n`).join("");
