/** Tables as HTML. */
import { type Html, html, joined } from "./html.ts";
import { type Table, tableTexts } from "./table.ts";

/** Words of more letters than this may be broken into lines. */
const LONG = 24;

/** A table in its own box, which scrolls sideways on a narrow screen. */
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
  return html`<div class="table" tabindex="0"><table>${inner}</table></div>`;
}

/** `TPR_10` with its number below the line. */
const subscripts = (text: string): Html[] =>
  text.split(/_(\d+)/).map((part, k) => (k % 2 === 0 ? html`${part}` : html`<sub>${part}</sub>`));

/** The interval of an estimate is set below its value, smaller. */
function intervalMark(text: string): Html {
  const [, value, interval] = /^(\d\.\d+) (\[[\d., -]+\])$/.exec(text) ?? [];
  return value === undefined ? html`${text}` : html`${value} <span class="interval">${interval}</span>`;
}
