/** How a text table is written: its encoding, what separates its columns, their names. */
import type { Delimiter } from "./records.ts";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be";

export interface TextForm {
  encoding: TextEncoding;
  delimiter: Delimiter;
  /** Of the columns, all different whatever their case. */
  names: readonly string[];
  /** Units that the file states, by column. */
  units: ReadonlyMap<string, string>;
  /** Columns that the file says are texts. */
  texts: readonly string[];
  /** The line of the first row, from 1. */
  firstRow: number;
  /** Whether lines that begin with `#` are comments. */
  comments: boolean;
  /** Whether 1,5 is a number: where a comma separates no columns. */
  decimalComma: boolean;
  /** Whether it is a header line and rows separated by commas or tabs, in UTF-8: DuckDB reads it in place. */
  plain: boolean;
  /** What was seen, for the user. */
  said: readonly string[];
}
