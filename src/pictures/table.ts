/** Tables of methods and their metrics, for the terminal, for Markdown and for the report. */

import type { Estimate, Metrics } from "../evaluate/schema.ts";
import { refuse } from "../foundation/errors.ts";

/** An estimate is shown as `0.812 [0.771, 0.849]`, null as a dash. */
export type Cell = string | number | Estimate | null;

/** A table of words and numbers. */
export interface Table {
  /** Columns of words are aligned left, columns of numbers right. */
  readonly columns: readonly string[];
  /** Its rows, each with a cell for every column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** The text of a cell; numbers that are not whole have three decimals. */
export function cellText(cell: Cell): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return Number.isInteger(cell) ? String(cell) : cell.toFixed(3);
  const { value, low, high } = cell;
  if (value === null) return "–";
  if (low === null || high === null) return value.toFixed(3);
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** A table in aligned plain text, with a rule under its head. */
export function textTable(table: Table): string {
  const { head, body, widths, words } = layout(table);
  const rule = widths.map((width) => "─".repeat(width));
  return [head, rule, ...body].map((line) => pad(line, widths, words).join("  ").trimEnd()).join("\n");
}

/** The same table in Markdown; bars and line ends within a cell are escaped. */
export function markdownTable(table: Table): string {
  const { head, body, widths, words } = layout(table, (text) =>
    text.replace(/\r?\n/g, " ").replace(/\|/g, "\\|"),
  );
  const rule = widths.map((width, k) => (words[k] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [head, rule, ...body].map((line) => `| ${pad(line, widths, words).join(" | ")} |`).join("\n");
}

/** Checks that every row has one cell a column, and returns the texts. */
export function tableTexts(table: Table): { head: readonly string[]; body: string[][] } {
  const body = table.rows.map((row, r) => {
    if (row.length !== table.columns.length) {
      refuse(
        { where: "table", row: r },
        "cells",
        `as many as the ${table.columns.length} columns`,
        row.length,
      );
    }
    return row.map(cellText);
  });
  return { head: table.columns, body };
}

function layout(table: Table, clean = (text: string) => text) {
  const texts = tableTexts(table);
  const head = texts.head.map(clean);
  const body = texts.body.map((row) => row.map(clean));
  const widths = head.map((_, k) =>
    [head, ...body].reduce((width, line) => Math.max(width, line[k]!.length), 3),
  );
  const words = head.map((_, k) => table.rows.every((row) => typeof row[k] === "string" || row[k] === null));
  return { head, body, widths, words };
}

function pad(line: readonly string[], widths: readonly number[], words: readonly boolean[]): string[] {
  return line.map((text, k) => (words[k] ? text.padEnd(widths[k]!) : text.padStart(widths[k]!)));
}

/** One row of a table of methods. */
export interface MethodRow {
  /** The row's names, e.g. `["ADDA", "C4 equivariant", "chosen"]`; as many as `headings`. */
  readonly names: readonly string[];
  /** Its metrics. */
  readonly metrics: Metrics;
}

/**
 * The table of methods: the low-false-positive end first, since a lens finder is judged there.
 *
 * @param headings of the columns that name a row, e.g. `["method", "encoder", "epoch"]`
 */
export function methodTable(headings: readonly string[], rows: readonly MethodRow[]): Table {
  const rates = rows[0]?.metrics.recallAtFpr.map(({ fpr }) => fpr) ?? [];
  return {
    columns: [
      ...headings,
      "TPR_0",
      "TPR_10",
      ...rates.map((fpr) => `recall at FPR ${rateText(fpr)}`),
      "AUROC",
      "average precision",
      "positives",
      "negatives",
    ],
    rows: rows.map(({ names, metrics }) => [
      ...names,
      metrics.tpr0,
      metrics.tpr10,
      ...metrics.recallAtFpr.map(({ recall }) => recall),
      metrics.auroc,
      metrics.averagePrecision,
      metrics.positives,
      metrics.negatives,
    ]),
  };
}

/** A small share as a person writes it: `1e-3`, `0.05`. */
export function rateText(rate: number): string {
  const text = rate.toExponential();
  return rate < 0.01 ? text.replace("e-0", "e-") : String(rate);
}
