/** Files and folders that are either whole or not there. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { foreignError, systemProblem } from "./errors/foreign.ts";
import { ArcletError, refuse } from "./errors.ts";

/**
 * Writes a file under another name and renames it at the end, so that a file of that name is always whole. A failed
 * write leaves nothing.
 * A link at the other name is not followed.
 *
 * @throws ArcletError when it can't be written (a full disk)
 */
export function writeFileWhole(path: string, data: string | Uint8Array): void {
  const partial = `${path}.partial`;
  guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(partial, { force: true });
    try {
      writeFileSync(partial, data, { flag: "wx" });
      renameSync(partial, path);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
  });
}

/** Whether a folder holds nothing but what killed programs left of files they were writing. */
export const holdsOnlyPartial = (folder: string): boolean =>
  guarded(folder, () => readdirSync(folder)).every((name) => name.endsWith(".partial"));

/** Refuses a link at the name of a folder in the making: what it leads to is somebody's. @throws ArcletError naming it */
export function refuseLink(partial: string): void {
  if (lstatSync(partial, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new ArcletError({
      where: partial,
      code: "conflict",
      problem: "is a link, which is not followed: remove it, or choose another name",
    });
}

/** Marks an unfinished folder, whose making can be resumed. */
export const UNFINISHED_FILE = "unfinished.json";

/** Whether a name is taken: not by a folder that only lacks its last step, which the same command takes. */
export const isTaken = (path: string): boolean =>
  existsSync(path) && !existsSync(join(path, UNFINISHED_FILE));

/**
 * Builds a folder under another name and renames it when `fill` has succeeded, so that a folder of that name is always
 * whole. A failed `fill` leaves nothing.
 *
 * @throws ArcletError when `path` exists already, when another command's unfinished folder has that name, or when it
 *   can't be written (a full disk)
 */
export async function writeFolderWhole(
  path: string,
  fill: (partial: string) => Promise<void>,
): Promise<void> {
  if (existsSync(path)) refuse("write", "folder", "a name that is not taken", path, "conflict");
  const partial = `${path}.partial`;
  refuseLink(partial);
  if (existsSync(join(partial, UNFINISHED_FILE)))
    throw new ArcletError({
      where: partial,
      code: "conflict",
      problem: "is the unfinished work of another command: finish it, remove it, or choose another name",
    });
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await fill(partial);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw fileError(path, error);
  }
}

/** A JSON file. @throws ArcletError naming the file when it is missing or not JSON */
export function readJson(path: string): unknown {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw foreignError(path, error, "broken", (reason) => `not valid JSON (${reason})`);
  }
}

/** Runs a file operation; a system error becomes one line that names the file. */
export function guarded<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** A system error as one line that names the file; any other error as it is. */
export const fileError = (path: string, error: unknown): unknown =>
  systemProblem(error) === undefined ? error : foreignError(path, error, "unreadable");
