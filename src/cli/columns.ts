/** Lists on the terminal. */

/**
 * Rows of texts under one another, two spaces between columns.
 *
 * @param rows as many texts each, the head among them
 * @param right columns that are flush right, of numbers
 */
export function columnsText(
  rows: readonly (readonly string[])[],
  right: (column: number) => boolean = () => false,
): string {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  const cell = (text: string, k: number) => (right(k) ? text.padStart(widths[k]!) : text.padEnd(widths[k]!));
  return rows.map((row) => `${row.map(cell).join("  ").trimEnd()}\n`).join("");
}
