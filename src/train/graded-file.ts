/** The graded rows that a run learned from, in a file of its own in the run's folder. */
import { join } from "node:path";
import type { GradedRows } from "../dataset/graded/graded-rows.ts";
import { writeFileWhole } from "../foundation/files.ts";

const GRADED_FILE = "graded.json";

/** Writes the record of graded rows, as the run's models have it too, and the grades that were set aside. */
export function writeGraded(run: string, { record, setAside }: GradedRows): void {
  writeFileWhole(join(run, GRADED_FILE), `${JSON.stringify({ ...record, setAside }, null, 2)}\n`);
}
