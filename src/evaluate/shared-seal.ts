/**
 * One opening of a sealed split for many runs: a comparison opens it once, for runs that it lists, and keeps what was logged.
 * A run that was not named, or a split that was opened for others, needs a new opening.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ArcletError } from "../foundation/errors.ts";
import { readJson, writeFileWhole } from "../foundation/files.ts";
import { openSeal, type SealOpening, sealOpenings } from "./seal.ts";

/** What a comparison's folder keeps of its opening. */
const SHARED_SEAL_FILE = "seal.json";

const sharedSeal = z.strictObject({
  opening: z.strictObject({ time: z.string(), command: z.string(), run: z.string(), split: z.string() }),
  openedBefore: z.number().int().min(0),
  /** Names of the runs, folders within this one. */
  runs: z.array(z.string()),
});
export type SharedSeal = z.output<typeof sharedSeal>;

/**
 * Opens a split for a folder's runs, unless it was opened for all of them already.
 *
 * @param request the command, the folder of the runs, and the split
 * @throws ArcletError as `openSeal`
 */
export function openSharedSeal(
  datasetFolder: string,
  request: Omit<SealOpening, "time">,
  runs: readonly string[],
): SharedSeal {
  const kept = readSharedSeal(request.run);
  const covered = kept !== null && runs.every((run) => kept.runs.includes(run));
  if (covered && isLogged(datasetFolder, kept.opening, request.split)) return kept;
  const shared = {
    ...openSeal(datasetFolder, request),
    runs: [...new Set([...(kept?.runs ?? []), ...runs])],
  };
  writeFileWhole(join(request.run, SHARED_SEAL_FILE), `${JSON.stringify(shared, null, 2)}\n`);
  return shared;
}

/** Whether a split was opened for a run by the comparison whose folder it is in. */
export function openedFor(datasetFolder: string, run: string, split: string): boolean {
  const kept = readSharedSeal(dirname(run));
  if (kept === null || !kept.runs.includes(basename(run))) return false;
  return isLogged(datasetFolder, kept.opening, split);
}

/** What a folder keeps of its opening; null if it has none. @throws ArcletError when the file is damaged */
export function readSharedSeal(folder: string): SharedSeal | null {
  const path = join(folder, SHARED_SEAL_FILE);
  if (!existsSync(path)) return null;
  const parsed = sharedSeal.safeParse(readJson(path));
  if (!parsed.success)
    throw new ArcletError({ where: path, code: "broken", problem: "is not the opening of a sealed split" });
  return parsed.data;
}

/** The dataset's own log decides: without its line there, nothing was opened. */
const isLogged = (datasetFolder: string, opening: SealOpening, split: string): boolean =>
  opening.split === split &&
  sealOpenings(datasetFolder).some(
    (logged) =>
      logged.time === opening.time && logged.command === opening.command && logged.split === opening.split,
  );
