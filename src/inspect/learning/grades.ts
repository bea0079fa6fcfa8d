/** The grades that a finder learns from: everybody's last ones, without those of decoys. */
import { join } from "node:path";
import { ArcletError } from "../../foundation/errors.ts";
import type { Grade } from "../grades.ts";
import { writeGrades } from "../grades-table.ts";
import { isGraded } from "../grading.ts";
import type { Search } from "../search.ts";
import { GRADES_FILE } from "./plan.ts";

/**
 * Each graded object's grade by row of the dataset: of several people's the surest for a lens. Decoys are not among them.
 */
export function gradesByRow({ objects, grading }: Search): Map<number, Grade> {
  const { domain, rows, decoys } = objects;
  const graded = new Map<number, Grade>();
  for (const row of rows) {
    if (decoys.has(row)) continue;
    const given = grading.graders.map((grader) => grading.saidOf(grader, domain.ids[row]!).grade);
    const [best] = given.filter((grade) => isGraded(grade)).sort();
    if (best != null) graded.set(row, best);
  }
  return graded;
}

/**
 * Writes them into a round's folder.
 *
 * @returns how many objects are graded
 * @throws ArcletError when no lens is among them, or nothing else is
 */
export async function writeTrainingGrades(
  folder: string,
  search: Search,
  lensGrades: readonly string[],
): Promise<number> {
  const graded = gradesByRow(search);
  const given = new Set([...graded.values()]);
  const hasLens = lensGrades.some((grade) => given.has(grade as Grade));
  if (!hasLens || !given.has("X"))
    throw new ArcletError({
      where: "inspect",
      code: "missing",
      problem: `nothing can be learned yet: no object has ${hasLens ? "grade X" : `a grade ${lensGrades.join(" or ")}`}`,
      fix: "grade some lenses and some others first",
    });
  const decoys = search.objects.decoys;
  await writeGrades(join(folder, GRADES_FILE), search, search.grading.graders, {
    wanted: (row) => !decoys.has(row),
  });
  return graded.size;
}
