/** Text tables taken apart: a record a row, its cells as they are written. */

/** What separates cells; a blank stands for any number of blanks and tabs. */
export type Delimiter = "," | "\t" | ";" | "|" | " ";

export interface TextRecord {
  cells: string[];
  /** The line it begins on, from 1. */
  line: number;
}

export interface RecordOptions {
  delimiter: Delimiter;
  /** Whether lines that begin with `#` are left out. */
  comments: boolean;
  /** The line to begin on, from 1. */
  from?: number;
}

/**
 * The records of a text (RFC 4180): cells in double quotes may hold delimiters and line breaks, and `""` for a quote. Blank
 * lines are left out. Around `;` and `|` blanks are padding; around `,` and tabs they belong to the cell.
 */
export function* recordsOf(text: string, options: RecordOptions): Generator<TextRecord, void> {
  const { delimiter, comments, from = 1 } = options;
  let at = 0;
  for (let line = 1; at < text.length; ) {
    const end = endOfLine(text, at);
    const skipped = line < from || isBlank(text, at, end) || (comments && text[at] === "#");
    if (skipped) {
      at = afterLine(text, end);
      line++;
      continue;
    }
    const cells: string[] = [];
    const next = delimiter === " " ? byBlanks(text, at, end, cells) : byDelimiter(text, at, delimiter, cells);
    yield { cells, line };
    line += linesIn(text, at, next);
    at = next;
  }
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === "\n" || text[at] === "\r") return at;
  return text.length;
}

const afterLine = (text: string, end: number): number =>
  text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text[at] !== " " && text[at] !== "\t") return false;
  return true;
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; lines++) at = afterLine(text, endOfLine(text, at));
  return lines;
}

/** @returns where the next record begins */
function byDelimiter(text: string, from: number, delimiter: Delimiter, cells: string[]): number {
  const padded = delimiter === ";" || delimiter === "|";
  for (let at = from; ; at++) {
    let start = at;
    while (padded && text[start] === " ") start++;
    if (text[start] === '"') {
      const { value, after } = quoted(text, start);
      let stop = after;
      while (stop < text.length && text[stop] !== delimiter && text[stop] !== "\n" && text[stop] !== "\r")
        stop++;
      const rest = text.slice(after, stop);
      cells.push(padded && rest.trim() === "" ? value : value + rest);
      at = stop;
    } else {
      let stop = at;
      while (stop < text.length && text[stop] !== delimiter && text[stop] !== "\n" && text[stop] !== "\r")
        stop++;
      const cell = text.slice(at, stop);
      cells.push(padded ? cell.trim() : cell);
      at = stop;
    }
    if (text[at] !== delimiter) return afterLine(text, at);
  }
}

/** A cell in quotes, and where what follows it begins. */
function quoted(text: string, open: number): { value: string; after: number } {
  let value = "";
  for (let at = open + 1; ; ) {
    const close = text.indexOf('"', at);
    if (close < 0) return { value: value + text.slice(at), after: text.length };
    value += text.slice(at, close);
    if (text[close + 1] !== '"') return { value, after: close + 1 };
    value += '"';
    at = close + 2;
  }
}

function byBlanks(text: string, from: number, to: number, cells: string[]): number {
  let end = to;
  for (let at = from; at < end; ) {
    if (text[at] === " " || text[at] === "\t") at++;
    else if (text[at] === '"') {
      const { value, after } = quoted(text, at);
      cells.push(value);
      at = after;
      if (at > end) end = endOfLine(text, at);
    } else {
      let stop = at;
      while (stop < end && text[stop] !== " " && text[stop] !== "\t") stop++;
      cells.push(text.slice(at, stop));
      at = stop;
    }
  }
  return afterLine(text, end);
}

/** Names as DuckDB makes them distinct: `column1` for an empty one, `ra_1` for the second `ra`, whatever the case. */
export function columnNames(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, c) => {
    const stem = cell === "" ? `column${c}` : cell;
    let name = stem;
    for (let n = 1; taken.has(name.toLowerCase()); n++) name = `${stem}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
