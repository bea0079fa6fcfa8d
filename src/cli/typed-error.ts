/** An error about one of a command's settings, which names it as its user typed it: a flag, or a file's key with its line. */
import { type ConfigFile, locationOf, type Origin } from "../foundation/config.ts";
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

/** Settings of a dataset's rows, which are refused in the name of the folder. */
const OF_FOLDERS = ["split", "splits"];
/** Words with a capital inside, as settings are named in code: `targetSplits`, `stretch.minimum`. */
const CODED = /\b[a-z]+(?:[A-Z][a-z0-9]*)+\b/g;

/** Any error that is not about a setting stays as it is, but for settings that its words name. */
export function asTyped(error: unknown, typing: Typing): unknown {
  if (!(error instanceof ArcletError)) return error;
  const { command, originOf, file, spell } = typing;
  const field = error.field === undefined ? undefined : spelled(error.field);
  // `train: lr must be ...`, or of a name that something else looked up: `method: name must be one of ...`
  const key = error.where === command ? field : field === "name" ? error.where : undefined;
  const origin = key === undefined ? undefined : originOf(key);
  if (key === undefined || origin === undefined) return inFlags(error, field, typing);
  const typed = inFlags(error, undefined, typing);
  if (origin !== "file" || file === undefined) return typed.with({ where: command, field: spell(key) });
  return typed.with({ ...locationOf(file, key), field: key });
}

/** The error with its setting, and those in its words, as flags; a column of a table may have a setting's name and stays. */
function inFlags(error: ArcletError, field: string | undefined, { originOf, spell }: Typing): ArcletError {
  const isSetting = (word: string) => originOf(word) !== undefined;
  const flags = (text: string | undefined) =>
    text?.replace(CODED, (word) => (isSetting(word) ? spell(word) : word));
  const own =
    field !== undefined && (OF_FOLDERS.includes(field) || /^[a-z]+[A-Z]/.test(field)) && isSetting(field);
  const { must, problem, fix } = error.data;
  return error.with({
    ...(own ? { field: spell(field) } : {}),
    ...(must === undefined ? {} : { must: flags(must)! }),
    ...(problem === undefined ? {} : { problem: flags(problem)! }),
    ...(fix === undefined ? {} : { fix: flags(fix)! }),
  });
}
