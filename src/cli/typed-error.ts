/** An error about one of a command's settings, which names it as its user typed it: a flag, or a file's key with its line. */
import { type ConfigFile, locateKey, type Origin } from "../foundation/config.ts";
import { spelled } from "../foundation/errors/sentence.ts";
import { ArcletError } from "../foundation/errors.ts";

export interface Typing {
  command: string;
  /** Where a setting came from; undefined for what is no setting. */
  originOf: (key: string) => Origin | undefined;
  file: ConfigFile | undefined;
  /** A key as it is typed on the command line: `--batch-size`, `<data>`. */
  spell: (key: string) => string;
}

/** Any error that is not about a setting stays as it is. */
export function asTyped(error: unknown, { command, originOf, file, spell }: Typing): unknown {
  if (!(error instanceof ArcletError) || error.field === undefined) return error;
  const field = spelled(error.field);
  // `train: lr must be ...`, or of a name that something else looked up: `method: name must be one of ...`
  const key = error.where === command ? field : field === "name" ? error.where : undefined;
  const origin = key === undefined ? undefined : originOf(key);
  if (key === undefined || origin === undefined) return error;
  if (origin !== "file" || file === undefined) return error.with({ where: command, field: spell(key) });
  return error.with({ ...locateKey(file, key), field: key });
}
