/** Sees how a text table is written. */
import { ArcletError } from "../../foundation/errors.ts";
import { ecsvForm } from "./ecsv.ts";
import { columnNames, type Delimiter, recordsOf, type TextRecord } from "./records.ts";
import { sextractorForm } from "./sextractor.ts";
import type { TextEncoding, TextForm } from "./text-form.ts";

/** Rows that are looked at. */
const SAMPLE = 50;

const SEEN: Record<Delimiter, string> = {
  ",": "commas",
  "\t": "tabs",
  ";": "semicolons",
  "|": "vertical bars",
  " ": "blanks",
};

/** The encoding by a byte-order mark, or by the zeros of UTF-16; null for no text. */
export function encodingOf(start: Buffer): TextEncoding | null {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  const part = start.subarray(0, 256);
  if (!part.includes(0)) return "utf-8";
  const zeros = (odd: number) => part.filter((byte, i) => i % 2 === odd && byte === 0).length;
  if (zeros(0) === 0 && zeros(1) > part.length / 3) return "utf-16le";
  return zeros(1) === 0 && zeros(0) > part.length / 3 ? "utf-16be" : null;
}

/**
 * @param text the file's beginning
 * @param tabs whether its name says that tabs separate its columns
 * @throws ArcletError for a kind of text table that is not read, naming it
 */
export function textForm(path: string, text: string, encoding: TextEncoding, tabs: boolean): TextForm {
  const lines = text.split(/\r\n|\n|\r/, 2000);
  refuseOtherKinds(path, text, lines);
  const form = ecsvForm(path, lines) ?? sextractorForm(path, lines) ?? delimited(path, text, lines, tabs);
  return { ...form, encoding, plain: form.plain && encoding === "utf-8" && hasOneLineEnd(text) };
}

function refuseOtherKinds(path: string, text: string, lines: readonly string[]): void {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const refuse = (what: string) => {
    const fix = "write it as CSV, FITS or VOTable first, e.g. by astropy's Table.read and write";
    throw new ArcletError({ where: path, code: "unsupported", problem: `is ${what}`, fix });
  };
  if (/^\\/.test(first) || (/^\|.*\|\s*$/.test(first) && !first.includes("\t")))
    refuse("a table between vertical bars (IPAC, Markdown)");
  if (/^Byte-by-byte Description of file:/im.test(text))
    refuse("a CDS table (columns of fixed width, described byte by byte)");
}

/** Whether all of its lines end alike, with a line feed. */
const hasOneLineEnd = (text: string): boolean =>
  !/\r(?!\n)/.test(text.slice(0, -1)) && (!text.includes("\r\n") || !/(?<!\r)\n/.test(text));

type Bare = Omit<TextForm, "encoding">;

function delimited(path: string, text: string, lines: readonly string[], tabs: boolean): Bare {
  const comments = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  const body = comments < 0 ? lines.length : comments;
  const above = lines.slice(0, body).findLast((line) => line.startsWith("#"));
  const named = above !== undefined && isHeader(above, lines[body] ?? "", body === 1);
  const header = named ? lines.lastIndexOf(above, body) : body;
  if (lines[header] === undefined)
    throw new ArcletError({ where: path, code: "empty", problem: "has no line but comments" });
  const delimiter = delimiterOf(lines[header]!.replace(/^#\s*/, ""), lines.slice(header + 1), tabs);
  // A comma or tab after `#` is a part of the first name, as it was written.
  const plainNames = delimiter === "," || delimiter === "\t";
  const options = { delimiter, comments: false };
  const [head] = recordsOf(text, { ...options, from: header + 1 });
  const cells = head!.cells.map((cell) => cell.trim());
  if (named && !plainNames) {
    cells[0] = cells[0]!.replace(/^#\s*/, "");
    if (cells[0] === "") cells.shift();
  }
  const names = columnNames(cells);
  const below = twoRows(text, options, named ? body + 1 : header + 2);
  const dashes = dashesIn(below);
  const units = new Map(
    (dashes > 0 ? below[0]!.cells : []).flatMap((unit, c) =>
      unit.trim() === "" || names[c] === undefined ? [] : [[names[c]!, unit.trim()] as const],
    ),
  );
  const firstRow = dashes < 0 ? (named ? body + 1 : header + 2) : below[dashes]!.line + 1;
  const plain = plainNames && header === 0 && dashes < 0;
  return {
    delimiter,
    names,
    units,
    texts: [],
    firstRow,
    comments: delimiter === " ",
    decimalComma: delimiter === ";",
    plain,
    said: plainNames ? [] : [`${path}: columns are separated by ${SEEN[delimiter]}`],
  };
}

const twoRows = (
  text: string,
  options: { delimiter: Delimiter; comments: boolean },
  from: number,
): TextRecord[] => {
  const found: TextRecord[] = [];
  for (const record of recordsOf(text, { ...options, from })) {
    found.push(record);
    if (found.length === 2) break;
  }
  return found;
};

/** Which record after the header is a line of dashes (VizieR has units, then dashes): 0, 1 or -1 for none. */
const dashesIn = (below: readonly TextRecord[]): number =>
  below.findIndex(({ cells }) => cells.every((cell) => /^-+$/.test(cell.trim())));

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Whether a comment holds the names of the row that follows: as many cells, and a number where it has none. */
function isHeader(comment: string, row: string, alone: boolean): boolean {
  const words = comment.replace(/^#\s*/, "");
  const delimiter = delimiterOf(words, [row], false);
  const cellsOf = (line: string) => [...recordsOf(line, { delimiter, comments: false })][0]?.cells ?? [];
  const [names, cells] = [cellsOf(words), cellsOf(row)];
  if (names.length !== cells.length) return false;
  // The only comment, on the first line, with the row's commas: a header that happens to begin so.
  if (alone && names.length > 1 && delimiter !== " ") return true;
  const isNumber = (cell: string) => NUMBER.test(cell.trim().replace(",", "."));
  return cells.some(isNumber) && !names.some(isNumber);
}

/** What separates the names of a header: what the rows below it have as often; commas, if nothing does. */
function delimiterOf(header: string, below: readonly string[], tabs: boolean): Delimiter {
  const rows = below.filter((line) => line.trim() !== "" && !line.startsWith("#")).slice(0, SAMPLE);
  const count = (line: string, delimiter: Delimiter) =>
    [...recordsOf(line, { delimiter, comments: false })][0]?.cells.length ?? 0;
  const candidates = ([",", "\t", ";", "|"] as const)
    .map((delimiter) => {
      const cells = count(header, delimiter);
      const alike = rows.filter((row) => count(row, delimiter) === cells).length;
      return { delimiter, cells, alike };
    })
    .filter(({ cells }) => cells > 1);
  if (tabs && candidates.some(({ delimiter }) => delimiter === "\t")) return "\t";
  const best = candidates.reduce<(typeof candidates)[number] | undefined>(
    (a, b) => (a === undefined || b.alike > a.alike || (b.alike === a.alike && b.cells > a.cells) ? b : a),
    undefined,
  );
  if (best !== undefined && (best.alike > 0 || rows.length === 0)) return best.delimiter;
  const words = count(header, " ");
  const alike = rows.filter((row) => count(row, " ") === words).length;
  const parted = rows.filter((row) => count(row, " ") > 1).length * 2 > rows.length;
  if (words > 1 && (best === undefined ? parted : alike > 0)) return " ";
  return best?.delimiter ?? ",";
}
