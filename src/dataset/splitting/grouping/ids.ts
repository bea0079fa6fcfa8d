/** Groups by the images' ids, e.g. `field12_003` and `field12_017`. */
import { foreignError } from "../../../foundation/errors/foreign.ts";
import { ArcletError } from "../../../foundation/errors.ts";

/**
 * The part of each id that names its group: what the pattern's first capturing group matches, or the whole match if it
 * has none; null if it does not match.
 *
 * @param pattern a regular expression, e.g. `^(\w+?)_`
 * @throws ArcletError when it is not valid, or matches no id at all
 */
export function groupsOfIds(ids: readonly string[], pattern: string): (string | null)[] {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch (error) {
    throw foreignError("id pattern", error, "argument");
  }
  const keys = ids.map((id) => {
    const match = expression.exec(id);
    return match === null ? null : (match[1] ?? match[0]);
  });
  if (ids.length > 0 && keys.every((key) => key === null))
    throw new ArcletError({
      where: "id pattern",
      code: "empty",
      problem: `${pattern} matches no id, e.g. ${ids[0]}`,
    });
  return keys;
}
