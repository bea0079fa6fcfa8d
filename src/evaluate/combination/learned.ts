/** Graded rows that a finder learned from: its scores of them are better than of others, and speak too well of it. */
import { ArcletError } from "../../foundation/errors.ts";
import type { Input } from "./inputs.ts";

/** At most this many ids are named. */
const NAMED = 5;

/**
 * How many of the graded rows each finder had learned from, by the column `graded` of its table.
 *
 * @param ids of the graded rows, @param learned ids whose grades each input's finder learned from
 * @param allowed whether such rows are fitted on all the same
 * @returns the numbers, and what to say of them, one line each
 * @throws ArcletError for such rows, unless they are allowed, naming the first
 */
export function learnedRows(
  inputs: readonly Input[],
  ids: readonly string[],
  learned: readonly ReadonlySet<string>[],
  allowed: boolean,
): { counts: readonly number[]; notes: readonly string[] } {
  const notes: string[] = [];
  const counts = inputs.map(({ path, name }, k) => {
    const own = ids.filter((id) => learned[k]!.has(id));
    if (own.length === 0) return 0;
    const more = own.length > NAMED ? ` and ${own.length - NAMED} more` : "";
    const problem =
      `the finder ${name} learned from the grades of ${own.length} of the ${ids.length} graded rows, or of rows of their ` +
      `groups: ${own.slice(0, NAMED).join(", ")}${more}`;
    if (!allowed)
      throw new ArcletError({
        where: path,
        code: "conflict",
        problem: `${problem}; its scores of them speak too well of it`,
        fix:
          "give cross-validated scores, where no row is scored by a run that learned from its group, or grades that no " +
          "finder has seen; --allow-learned fits on them all the same",
      });
    notes.push(`warning: ${path}: ${problem}; it is weighted too high, and the figures below are too good`);
    return own.length;
  });
  return { counts, notes };
}
