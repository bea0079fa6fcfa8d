/** What graders may not see yet, since it would say which objects are decoys. */
import { isGraded } from "./grading.ts";
import type { Search } from "./search.ts";

/**
 * Whether what is known of an object might say that it is a decoy: decoys lack columns, how they lie on the sky is not known,
 * and frames don't show painted arcs. So nobody who grades sees these, of any object, before the round in which they graded
 * it is over.
 */
export function mayTell({ objects, grading, readOnly }: Search, grader: string, row: number): boolean {
  if (objects.decoys.size === 0 || readOnly) return false;
  const id = objects.domain.ids[row]!;
  const isOpen = grading.looks(grader, id).some(({ round }) => round === grading.round);
  return isOpen || !isGraded(grading.of(grader, id).grade);
}

/** What a grader reads in place of an object's id: where ids tell decoys, its number in the sample (column `shown`). */
export function shownId(search: Search, grader: string, row: number): string {
  const { objects } = search;
  return objects.idsTell && mayTell(search, grader, row) ? `sample-${row + 1}` : objects.domain.ids[row]!;
}

/** Whether a grader may not see where an object is. */
export const hidesPosition = (search: Search, grader: string, row: number): boolean =>
  search.objects.positionsTell && mayTell(search, grader, row);
