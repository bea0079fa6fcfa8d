/** Tables of plain text. */

/**
 * Aligns rows of text in columns, two spaces apart.
 *
 * @param rows all of one length, the header included
 * @param right whether a column is flush right, as numbers are
 */
export function columnsText(
  rows: readonly (readonly string[])[],
  right: (column: number) => boolean = () => false,
): string {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  const cell = (text: string, k: number) => (right(k) ? text.padStart(widths[k]!) : text.padEnd(widths[k]!));
  return rows.map((row) => `${row.map(cell).join("  ").trimEnd()}\n`).join("");
}
