/** Graded rows that training leaves to choose an epoch by: whole groups, drawn in each class. */
import { ArcletError } from "../../foundation/errors.ts";
import { textKey, uniformAt } from "../../foundation/random.ts";
import type { GradedRows } from "./graded-rows.ts";

/** Numbers of graded rows, in order. */
export interface Divided {
  trained: Int32Array;
  held: Int32Array;
}

/**
 * Holds a share of the groups that have a lens, and of those that have none, rounded, at least one of each. A group's draw is
 * a function of the seed and its name, so that most groups stay where they are as grades are added.
 *
 * @param share of the groups, above 0, below 1
 * @throws ArcletError naming the table of grades, unless both classes are held and both are trained on
 */
export function divided(
  { groups, lens, record }: Pick<GradedRows, "groups" | "lens" | "record">,
  share: number,
  seed: number,
): Divided {
  const isLens = Array.from(lens, (p) => p >= 0.5);
  const groupsOf = (wanted: boolean) => new Set(groups.filter((_, i) => isLens[i] === wanted));
  const [withLens, withOther] = [groupsOf(true), groupsOf(false)];
  const without = [...withOther].filter((group) => !withLens.has(group));
  const held = new Set([...drawn([...withLens], share, seed), ...drawn(without, share, seed)]);
  const rows = (isHeld: boolean) =>
    Int32Array.from(lens.keys()).filter((i) => held.has(groups[i]!) === isHeld);
  const parts: Divided = { trained: rows(false), held: rows(true) };
  for (const part of [parts.trained, parts.held])
    if (new Set(Array.from(part, (i) => isLens[i])).size < 2)
      throw new ArcletError({
        where: record.table.path,
        code: "conflict",
        problem:
          `its lenses are of ${withLens.size} groups and its other rows of ${withOther.size}, too few to hold some of ` +
          "both classes (--graded-held) and to train on both",
        fix: "grade rows of more groups, or leave --graded-held out",
      });
  return parts;
}

/** A share of some groups, at least one and not all; none of a lone one. */
function drawn(groups: readonly string[], share: number, seed: number): string[] {
  const count = Math.min(Math.max(1, Math.round(share * groups.length)), groups.length - 1);
  return groups
    .map((group) => ({ group, draw: uniformAt(textKey(seed, group), 0) }))
    .sort((a, b) => a.draw - b.draw || (a.group < b.group ? -1 : 1))
    .slice(0, Math.max(0, count))
    .map(({ group }) => group);
}
