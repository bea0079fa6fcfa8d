/** What graders have said in rounds that are over, as tables that figures are made of. */
import type { Graded } from "../../evaluate/grading/dawid-skene.ts";
import type { GradesTable } from "../../evaluate/grading/grades-table.ts";
import type { Look } from "../grader-part.ts";
import { GRADES } from "../grades.ts";
import type { Search } from "../search.ts";

/** From the least to the most like a lens, and what each counts in a mean. */
const NAMES = [...GRADES].reverse();
const VALUES = NAMES.map((_, k) => k);

export interface GraderLooks {
  readonly grader: string;
  /** By the dataset's row; each object's, one a round. */
  readonly looks: ReadonlyMap<number, readonly Look[]>;
}

/** Everybody's looks. @param before of rounds before this one */
export function looksOf({ objects, grading }: Search, before: number): GraderLooks[] {
  const { domain, rows } = objects;
  return grading.graders.map((grader) => {
    const looks = new Map<number, Look[]>();
    for (const row of rows) {
      const all = grading.looks(grader, domain.ids[row]!).filter(({ round }) => round < before);
      if (all.length > 0) looks.set(row, all);
    }
    return { grader, looks };
  });
}

/** Looks as `arclet grades` reads them from a file: of who looked more than once the last one counts. Null if nobody has. */
export function gradesTable(
  search: Search,
  all: readonly GraderLooks[],
): { table: GradesTable; rows: readonly number[] } | null {
  const rows = [...search.objects.rows].filter((row) => all.some(({ looks }) => looks.has(row)));
  if (rows.length === 0) return null;
  const grades: Graded[] = [];
  const repeats: (Graded & { first: number })[] = [];
  for (const [object, row] of rows.entries())
    for (const [grader, { looks }] of all.entries()) {
      const own = looks.get(row);
      if (own === undefined) continue;
      const grade = gradeIndex(own.at(-1)!);
      grades.push({ object, grader, grade });
      if (own.length > 1) repeats.push({ object, grader, grade, first: gradeIndex(own[0]!) });
    }
  const { ids } = search.objects.domain;
  const table = {
    ...{ names: NAMES, values: VALUES, grades, repeats, groups: null, notes: [] },
    ids: rows.map((row) => ids[row]!),
    graders: all.map(({ grader }) => grader),
  };
  return { table, rows };
}

/** What a look counts: 0 for X to 3 for A. */
export const gradeIndex = ({ grade }: Look): number => NAMES.indexOf(grade as (typeof NAMES)[number]);
