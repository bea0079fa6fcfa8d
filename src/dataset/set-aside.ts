/** Rows that were not taken into a dataset, each with its reason. */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { csvText } from "../foundation/csv.ts";

/** The file in a dataset's folder that lists the rows set aside. */
export const SET_ASIDE_FILE = "set-aside.csv";

/** Its name before 0.2. */
const EARLIER_FILE = "quarantine.csv";

/** The path of a folder's list, under its present name or the earlier one. */
export function setAsideFile(folder: string): string {
  const earlier = join(folder, EARLIER_FILE);
  const path = join(folder, SET_ASIDE_FILE);
  return !existsSync(path) && existsSync(earlier) ? earlier : path;
}

export interface SetAside {
  /** The file that has the row, if it is not the table. */
  file?: string;
  /** Its row there, from 0, if the table is of several files. */
  fileRow?: number;
  /** Row of the table, from 0; without a table, index in the list of files. */
  row: number;
  /** Empty when the row has none. */
  id: string;
  /** The kind of reason, for counting, e.g. `duplicate id`. */
  kind: string;
  /** The reason in full. */
  reason: string;
}

/** The list as CSV: `file,row,id,kind,reason`; rows count from 1, without the header. */
export function setAsideCsv(tablePath: string, setAside: readonly SetAside[]): string {
  const rows = setAside.map(({ file, fileRow, row, id, kind, reason }) => [
    file ?? basename(tablePath),
    (fileRow ?? row) + 1,
    id,
    kind,
    reason,
  ]);
  return csvText([["file", "row", "id", "kind", "reason"], ...rows]);
}

/** How many rows were set aside for each kind of reason. */
export function countByKind(setAside: readonly Pick<SetAside, "kind">[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of setAside) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
