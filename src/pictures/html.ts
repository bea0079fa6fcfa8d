/** Text and tables as HTML. */
import { type Table, tableTexts } from "./table.ts";

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that may stand in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Words of more letters than this may be broken into lines. */
const LONG = 24;

/** A table as HTML, in a box of its own that scrolls sideways on a narrow screen. */
export function htmlTable(table: Table): string {
  const { head, body } = tableTexts(table);
  const headCells = head.map((name) => `<th scope="col">${subscripts(name)}</th>`).join("");
  const rows = body.map((line, r) => {
    const cells = line.map((text, k) => {
      if (k === 0) return `<th scope="row">${escapeHtml(text)}</th>`;
      const cell = table.rows[r]![k]!;
      const number = typeof cell !== "string" && cell !== null;
      const kind = number ? ' class="number"' : text.length > LONG ? ' class="long"' : "";
      return `<td${kind}>${number ? intervalMark(text) : escapeHtml(text)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return (
    `<div class="table" tabindex="0"><table><thead><tr>${headCells}</tr></thead>` +
    `<tbody>${rows.join("\n")}</tbody></table></div>`
  );
}

/** `TPR_10` with its number below the line. */
function subscripts(text: string): string {
  return escapeHtml(text).replace(/_(\d+)/g, "<sub>$1</sub>");
}

/** The interval of an estimate is set below its value, smaller. */
function intervalMark(text: string): string {
  return escapeHtml(text).replace(/^(\d\.\d+) (\[[\d., -]+\])$/, '$1 <span class="interval">$2</span>');
}
