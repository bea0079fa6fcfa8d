/** Which objects are looked at again in the next round. */
import { textKey, uniformAt } from "../../foundation/random.ts";
import type { Search } from "../search.ts";
import { gradeIndex, looksOf } from "./looks.ts";

/**
 * Objects on whose grade people differ, if wanted, and a share of all graded ones by chance, which shows how often a grader
 * says the same again. Nobody is told which is which.
 *
 * @param repeats the share
 * @returns ids
 */
export function secondLooks(search: Search, disagreements: boolean, repeats: number): string[] {
  const { grading, objects } = search;
  const all = looksOf(search, grading.round + 1);
  const ids: string[] = [];
  for (const row of objects.rows) {
    const grades = all.flatMap(({ looks }) => looks.get(row)?.slice(-1) ?? []).map(gradeIndex);
    if (grades.length === 0) continue;
    const id = objects.domain.ids[row]!;
    const differ = Math.max(...grades) > Math.min(...grades);
    if ((disagreements && differ) || uniformAt(textKey(grading.round, id), 0) < repeats) ids.push(id);
  }
  return ids;
}
