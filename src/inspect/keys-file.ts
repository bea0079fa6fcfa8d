/** A grader's own keys: a YAML file of names and keys, e.g. `A: 1` or `undo: [z, Backspace]`. */
import { z } from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { atLine, readYaml } from "../foundation/yaml.ts";
import { type KeysInForce, USUAL_KEYS } from "./key-names.ts";

/** A sign that a keyboard types, or the name of a key as browsers have it; moving and the switch of views keep theirs. */
const isKey = (given: unknown): boolean =>
  [...String(given)].length === 1 || /^(Backspace|Delete|Insert|Home|End|F\d{1,2})$/.test(String(given));
const listed = (given: unknown): unknown[] => (Array.isArray(given) ? given : [given]);
const keys = z
  .unknown()
  .refine((given) => listed(given).length > 0 && listed(given).every(isKey), {
    message: "one sign, or Backspace, Delete, Insert, Home, End or F1 to F12, or a list of such keys",
  })
  .transform((given) =>
    listed(given).map((one) => (String(one).length === 1 ? String(one).toLowerCase() : String(one))),
  );
const keysFile = z.strictObject(
  Object.fromEntries(Object.keys(USUAL_KEYS).map((name) => [name, keys.optional()])),
);

/**
 * Reads a file of keys. What it doesn't name keeps its usual keys; digits show one band unless the file gives them away.
 *
 * @throws ArcletError naming the line of a name that there is not or of a key that is none, and both names of one key
 */
export function readKeys(path: string): KeysInForce {
  const file = readYaml(path);
  let given: Record<string, string[] | undefined>;
  try {
    given = checked(path, keysFile, file.values ?? {});
  } catch (error) {
    throw atLine(error, path, file);
  }
  const owner = new Map<string, string>();
  for (const [name, usual] of Object.entries(USUAL_KEYS))
    for (const one of given[name] ?? usual) {
      const other = owner.get(one);
      if (other !== undefined && other !== name)
        throw new ArcletError({
          where: path,
          code: "conflict",
          line: file.lineOf([given[name] === undefined ? other : name]),
          problem: `the key ${shown(one)} says both ${other} and ${name}`,
          fix: `give ${given[name] === undefined ? name : other} another key as well`,
        });
      owner.set(one, name);
    }
  const changed = Object.entries(USUAL_KEYS).filter(([name]) => given[name] !== undefined);
  const inForce: Record<string, string | null> = {};
  for (const [, usual] of changed) for (const one of usual) inForce[one] = null;
  for (const [name, usual] of changed) for (const one of given[name]!) inForce[one] = usual[0]!;
  return inForce;
}

const shown = (key: string): string => (key === " " ? "space" : key);
