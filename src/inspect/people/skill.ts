/** How a grader does on decoys: objects whose class is known, shown among the others. */
import { wilson } from "../../evaluate/intervals.ts";
import type { Share, Skill } from "../contract.ts";
import type { Objects } from "../objects.ts";

/**
 * @param said the grade of each decoy's row that the grader has graded
 * @param isLens whether a grade says lens
 */
export function skillOf(
  said: ReadonlyMap<number, string>,
  decoys: Objects["decoys"],
  isLens: (grade: string) => boolean,
): Skill {
  const graded = [...said].map(([row, grade]) => ({ truth: decoys.get(row), lens: isLens(grade) }));
  const share = (truth: string, right: (lens: boolean) => boolean): Share | null => {
    const of = graded.filter((one) => one.truth === truth);
    if (of.length === 0) return null;
    const count = of.filter(({ lens }) => right(lens)).length;
    return { right: count, of: of.length, value: count / of.length, ...wilson(count, of.length) };
  };
  return {
    sensitivity: share("lens", (lens) => lens),
    specificity: share("not-lens", (lens) => !lens),
  };
}
