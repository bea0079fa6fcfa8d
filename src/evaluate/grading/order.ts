/** Grades in their order, from the least to the most like a lens. */
import { ArcletError, refuse } from "../../foundation/errors.ts";

export interface GradeOrder {
  /** As they are written (K). */
  readonly names: readonly string[];
  /** What each counts in a mean; they rise (K). */
  readonly values: readonly number[];
}

/** The grades that visual inspection of lens candidates usually has. */
const LETTERS = ["X", "C", "B", "A"];
/** As many grades as people can tell apart, and more. */
const MOST = 20;

/**
 * As the user says; else numbers by size, each its own value, and X, C, B, A as 0, 1, 2, 3.
 *
 * @param path the table, for messages
 * @param given the different grades in it
 * @throws ArcletError for grades without a known order, too many, a single one, or values that don't rise
 */
export function gradeOrder(
  path: string,
  given: readonly string[],
  { order, values }: { order: readonly string[] | null; values: readonly number[] | null },
): GradeOrder {
  const names = order ?? guessed(path, given);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined) refuse("grades", "order", "grades that are all different", names);
  if (names.length > MOST)
    refuse(path, "grades", `at most ${MOST} different ones; a mean of grades is not one`, names.length);
  if (given.length < 2) refuse(path, "grades", "two different ones or more", given[0]);
  const numbers = names.map(Number);
  const own = numbers.every(Number.isFinite) && rises(numbers) ? numbers : names.map((_, k) => k);
  if (values !== null && (values.length !== names.length || !rises(values)))
    refuse(
      "grades",
      "values",
      `${names.length} numbers that rise, one for each of ${names.join(", ")}`,
      values,
    );
  return { names, values: values ?? own };
}

function guessed(path: string, given: readonly string[]): string[] {
  if (given.every((grade) => Number.isFinite(Number(grade))))
    return [...given].sort((a, b) => Number(a) - Number(b));
  if (given.every((grade) => LETTERS.includes(grade))) return LETTERS;
  throw new ArcletError({
    where: path,
    code: "missing",
    problem: `the order of its grades is not known: ${given.slice(0, MOST).join(", ")}`,
    fix: "give --order, from the least to the most like a lens, e.g. --order no,maybe,yes",
  });
}

const rises = (values: readonly number[]): boolean =>
  values.every((value, k) => k === 0 || value > values[k - 1]!);
