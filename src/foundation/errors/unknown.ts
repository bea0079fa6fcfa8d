/** Errors for unknown names, suggesting the one that may have been meant. */
import { ArcletError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { FieldPath, Location } from "./data.ts";
import { spelled } from "./sentence.ts";

export interface UnknownOptions {
  /** What else it may be, after the names: `a file that ends in .yaml`. */
  or?: string | undefined;
  /** Instead of the list of names, if that is long: `one of its 5000 ids`. */
  must?: string | undefined;
}

/**
 * The error for a name that is not in a list: `where: noun must be one of a, b, c, got "x", did you mean a?`
 *
 * @param noun what the name stands for, e.g. `method`, or the setting that holds it
 */
export function unknown(
  where: string | Location,
  noun: string | FieldPath,
  name: string,
  known: readonly string[],
  { or, must = `one of ${known.join(", ")}` }: UnknownOptions = {},
): ArcletError {
  const location = typeof where === "string" ? { where } : where;
  return new ArcletError({
    ...location,
    code: "unknown",
    field: noun,
    must: or === undefined ? must : `${must}, or ${or}`,
    got: name,
    near: nearest(name, known),
  });
}

export interface UnknownKeyOptions {
  /** What it is not, if that says more than "is not known": `a command`. */
  noun?: string | undefined;
  /** The way out if no known key is near: `arclet --help lists the commands`. */
  fix?: string | undefined;
  /** Whether the only key that begins with the field is suggested, however short that is: a command's abbreviation. */
  begins?: boolean | undefined;
}

/**
 * The error for a key that a file, a table or a command does not have: `where: field is not known, did you mean Z?`
 *
 * @param known all keys, written like `field`
 */
export function unknownKey(
  where: string | Location,
  field: string | FieldPath,
  known: readonly (string | FieldPath)[],
  { noun, fix, begins = false }: UnknownKeyOptions = {},
): ArcletError {
  const location = typeof where === "string" ? { where } : where;
  // In a path only the last key can be mistyped: those before it led here.
  const keys = known.map(lastOf);
  const beginning = begins ? keys.filter((key) => key.startsWith(lastOf(field))) : [];
  const near = beginning.length === 1 ? beginning[0] : nearest(lastOf(field), keys);
  return new ArcletError({
    ...location,
    code: "unknown",
    field,
    ...(noun === undefined ? {} : { problem: `is not ${noun}` }),
    ...(near === undefined ? { fix } : { near: spelled(known[keys.indexOf(near)]!) }),
  });
}

const lastOf = (field: string | FieldPath): string =>
  typeof field === "string" ? field : String(field.at(-1));
