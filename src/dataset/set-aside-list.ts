/** The list of rows that were set aside, read from a finished folder. */
import { existsSync } from "node:fs";
import { readCsv } from "../catalog/csv.ts";
import { setAsideFile } from "./set-aside.ts";

/**
 * The kind of reason of every row that a finished dataset lists as set aside.
 *
 * @returns none where the folder has no list
 * @throws ArcletError for a list that can't be read
 */
export async function kindsSetAside(folder: string): Promise<string[]> {
  const file = setAsideFile(folder);
  if (!existsSync(file)) return [];
  const list = await readCsv(file, ["file", "id", "kind", "reason"]);
  // Lists made before 0.2 have no kinds.
  return list.has("kind") ? list.column("kind").map(String) : Array(list.count).fill("set aside");
}
