/** Rows of an import that were not taken, each with its reason. */

import { basename } from "node:path";
import { csvField } from "../foundation/csv.ts";

/** Beside a dataset that was imported: the rows that were set aside. */
export const QUARANTINE_FILE = "quarantine.csv";

export interface SetAside {
  /** The file that the row counts in, where that is not the table. */
  file?: string;
  /** Row of the table, from 0; without a table, place in the list of files. */
  row: number;
  /** Empty when the row has none. */
  id: string;
  /** What kind of reason, to be counted, e.g. `duplicate id`. */
  kind: string;
  /** The reason in full. */
  reason: string;
}

/** The list as CSV: `file,row,id,reason`; rows count from 1, the header not counted. */
export function quarantineCsv(tablePath: string, setAside: readonly SetAside[]): string {
  const lines = setAside.map(({ file, row, id, reason }) =>
    [file ?? basename(tablePath), String(row + 1), id, reason].map(csvField).join(","),
  );
  return ["file,row,id,reason", ...lines, ""].join("\n");
}
