/**
 * The seal of a test split: every opening is written into the dataset's folder, so that a number measured on a split
 * shows how often the split was opened before.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { appendJsonLine, readJsonLines } from "../foundation/json-lines.ts";

/** The file of openings in a dataset's folder, one JSON object a line. */
export const SEAL_FILE = "seal.jsonl";

const openingSchema = z.object({
  /** ISO 8601, UTC. */
  time: z.iso.datetime(),
  /** The command as typed. */
  command: z.string(),
  /** Folder of the tested run. */
  run: z.string(),
  /** The split that was opened. */
  split: z.string(),
});

/** One logged opening of a sealed test. */
export type SealOpening = z.infer<typeof openingSchema>;

/**
 * Logs that a sealed split is opened. Call it before the first label of the split is read: if the log can't be
 * written, the split stays closed.
 *
 * @param datasetFolder the dataset whose split is opened
 * @param request the command, the run it tests, and the split
 * @returns the opening as logged, and how many times this split was opened before
 * @throws ArcletError when the folder or log can't be written, or the log is damaged (naming its line)
 */
export function openSeal(
  datasetFolder: string,
  request: Omit<SealOpening, "time">,
): { opening: SealOpening; openedBefore: number } {
  const before = sealOpenings(datasetFolder).filter((opening) => opening.split === request.split);
  const opening: SealOpening = {
    time: new Date().toISOString(),
    command: request.command,
    run: request.run,
    split: request.split,
  };
  appendJsonLine(join(datasetFolder, SEAL_FILE), opening);
  return { opening, openedBefore: before.length };
}

/** All logged openings of a dataset, oldest first. @throws ArcletError naming the damaged line */
export function sealOpenings(datasetFolder: string): SealOpening[] {
  const path = join(datasetFolder, SEAL_FILE);
  if (!existsSync(path)) return [];
  const check = (value: unknown) => openingSchema.parse(value);
  // A partly written opening counts too: nothing is dropped.
  return readJsonLines(path, "refuse", check, "not a logged opening of a sealed split");
}
