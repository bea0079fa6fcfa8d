/** How many graded rows a probe learns from, and in how many folds they can be held out. */
import type { GradedRows } from "../../dataset/graded/graded-rows.ts";
import { ArcletError } from "../../foundation/errors.ts";

/** Beyond this the eigenvectors of the rows' kernel take minutes and memory. */
const MOST_ROWS = 3000;

export function refuseMany(path: string, { rows }: GradedRows): void {
  if (rows.length > MOST_ROWS)
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem: `has ${rows.length} graded rows, and a probe remembers at most ${MOST_ROWS}`,
      fix: "arclet train --method fine-tune learns from more",
    });
}

/** No more folds than a class has groups, so that each fold's probe sees both classes. */
export function foldsFor(
  { lens, groups }: Pick<GradedRows, "lens" | "groups">,
  asked: number,
): { folds: number; notes: readonly string[] } {
  const groupsOf = (lenses: boolean) => new Set(groups.filter((_, i) => lens[i]! >= 0.5 === lenses)).size;
  const [lenses, others] = [groupsOf(true), groupsOf(false)];
  const fewest = Math.min(lenses, others);
  if (fewest >= asked) return { folds: asked, notes: [] };
  const of = `the graded ${lenses < others ? "lenses" : "others"} are of ${fewest} group${fewest === 1 ? "" : "s"}`;
  const so = fewest < 2 ? "nothing can be held out" : `${fewest} folds in place of ${asked}`;
  return { folds: fewest, notes: [`${of}: ${so}`] };
}
