/** Writing CSV files (RFC 4180), and TSV, their like with tabs. */

/** A text as a field: quoted where it holds what divides fields or lines. */
export const csvField = (text: string, delimiter: "," | "\t" = ","): string =>
  /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;

/** A file's text: a line a row, the head among them; null and undefined are empty fields. */
export const csvText = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map((value) => csvField(String(value ?? ""))).join(",")}\n`).join("");
