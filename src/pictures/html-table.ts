/** Tables as HTML. */
import { type Html, html, joined } from "./html.ts";
import { type Table, tableTexts } from "./table.ts";

/** Words of more letters than this may be broken into lines. */
const LONG = 24;

/** A table in its own box, which scrolls sideways on a narrow screen, where a line above it says so. */
export function htmlTable(table: Table): Html {
  const { head, body } = tableTexts(table);
  const headCells = head.map((name) => html`<th scope="col">${subscripts(name)}</th>`);
  const rows = body.map((line, r) => {
    const cells = line.map((text, k) => {
      if (k === 0) return html`<th scope="row">${text}</th>`;
      const cell = table.rows[r]![k]!;
      if (typeof cell !== "string" && cell !== null)
        return html`<td class="number">${intervalMark(text)}</td>`;
      return text.length > LONG ? html`<td class="long">${text}</td>` : html`<td>${text}</td>`;
    });
    return html`<tr>${cells}</tr>`;
  });
  const inner = html`<thead><tr>${headCells}</tr></thead><tbody>${joined(rows, "\n")}</tbody>`;
  const box = html`<div class="table" tabindex="0"><table>${inner}</table></div>`;
  const over = TABLE_WIDTHS.findLast((width) => width <= widthOf(head, body));
  if (over === undefined) return box;
  const hint = html`<p class="hint">This table scrolls sideways: it has ${head.length} columns.</p>`;
  // The container must be around what asks for its width.
  return html`<div class="scrolls"><div class="over-${over}">${hint}${box}</div></div>`;
}

/** Widths of pages, CSS pixels, at which a style may show that a table is wider: \`.over-640\` of a table of 640 or more. */
export const TABLE_WIDTHS: readonly number[] = Array.from({ length: 12 }, (_, k) => 320 + 80 * k);

/** About how wide a table is that breaks no word, CSS pixels: by the letters of its widest cells. */
function widthOf(head: readonly string[], body: readonly (readonly string[])[]): number {
  const letters = head.map((name, k) => {
    // An interval stands below its value, and a heading may be broken at its spaces.
    const parts = body
      .flatMap((line) => line[k]!.split(/ (?=\[)/))
      .map(({ length }) => Math.min(length, LONG));
    return Math.max(...name.split(" ").map(({ length }) => length), ...parts);
  });
  return letters.reduce((sum, most) => sum + most * LETTER + PADDING, 0);
}

/** Of a letter, and of a cell's sides, CSS pixels. */
const LETTER = 7.4;
const PADDING = 19;

/** `TPR_10` with its number below the line. */
const subscripts = (text: string): Html[] =>
  text.split(/_(\d+)/).map((part, k) => (k % 2 === 0 ? html`${part}` : html`<sub>${part}</sub>`));

/** The interval of an estimate is set below its value, smaller. */
function intervalMark(text: string): Html {
  const [, value, interval] = /^(\d\.\d+) (\[[\d., -]+\])$/.exec(text) ?? [];
  return value === undefined ? html`${text}` : html`${value} <span class="interval">${interval}</span>`;
}
