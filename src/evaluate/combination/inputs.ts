/** The score tables to combine, as the user names them: `FILE`, `FILE:COLUMN`, `NAME=FILE:COLUMN`. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";

export interface Input {
  /** What the finder is called, in the combination and in tables. */
  readonly name: string;
  readonly path: string;
  readonly column: string;
}

const SCORE = "score";

/**
 * Names are given, else the column's unless that is `score`, else the file's without its extension.
 *
 * @throws ArcletError for two of one name
 */
export function inputsOf(texts: readonly string[]): Input[] {
  const inputs = texts.map(inputOf);
  for (const [k, { name, path, column }] of inputs.entries()) {
    const other = inputs.slice(0, k).find((one) => one.name === name);
    if (other === undefined) continue;
    const same = other.path === path && other.column === column;
    throw new ArcletError({
      where: path,
      code: "conflict",
      problem: same ? `its column ${column} is given twice` : `it and ${other.path} are both called ${name}`,
      fix: same ? undefined : `name one: NAME=${path}${column === SCORE ? "" : `:${column}`}`,
    });
  }
  return inputs;
}

function inputOf(text: string): Input {
  // A file may have = and : in its name.
  if (existsSync(text)) return named(null, text, SCORE);
  const equals = text.indexOf("=");
  const name = equals > 0 && !text.slice(0, equals).includes("/") ? text.slice(0, equals) : null;
  const rest = name === null ? text : text.slice(equals + 1);
  const colon = existsSync(rest) ? -1 : rest.lastIndexOf(":");
  return colon <= 0 || colon === rest.length - 1
    ? named(name, rest, SCORE)
    : named(name, rest.slice(0, colon), rest.slice(colon + 1));
}

function named(name: string | null, path: string, column: string): Input {
  const own = column === SCORE ? basename(path).replace(/(\.[A-Za-z]+)?(\.gz)?$/, "") : column;
  return { name: name ?? own, path, column };
}
