/** What a new ranking changes, against the one before it. */
import { median } from "../../foundation/statistics.ts";
import type { Changes } from "../contract.ts";
import type { Grade } from "../grades.ts";
import type { Finder } from "../score-table.ts";

/** Rows of the head of a ranking that are compared, and of what comes next to look at. */
const HEAD = 500;

type Ranking = Pick<Finder, "ranks" | "calibrated">;

/**
 * @param before ranks of the ranking that people graded by, from 1, 0 for a row without one; null if there was none
 * @param graded grades by row of the dataset; decoys are not among them
 * @param left rows that are in no list: decoys
 */
export function changesOf(
  before: Pick<Ranking, "ranks"> | null,
  after: Ranking,
  graded: ReadonlyMap<number, Grade>,
  left: ReadonlySet<number> = new Set(),
): Changes {
  const order = Int32Array.from(after.ranks.keys())
    .filter((row) => after.ranks[row]! > 0 && !left.has(row))
    .sort((a, b) => after.ranks[a]! - after.ranks[b]!);
  const head = order.subarray(0, HEAD);
  const wasThere = (row: number) => before!.ranks[row]! > 0 && before!.ranks[row]! <= HEAD;
  const next = order.filter((row) => !graded.has(row)).subarray(0, HEAD);
  const probabilities = Array.from(next, (row) => after.calibrated?.[row] ?? Number.NaN);
  const unknown = probabilities.filter(Number.isNaN).length;
  return {
    scored: order.length,
    head: head.length,
    fresh: before === null ? null : head.reduce((count, row) => count + Number(!wasThere(row)), 0),
    next: next.length,
    expected:
      unknown > 0 || next.length === 0
        ? null
        : probabilities.reduce((sum, probability) => sum + probability, 0),
    grades: (["A", "B", "C", "X"] as const).flatMap((grade) => {
      const rows = [...graded].flatMap(([row, given]) =>
        given === grade && after.ranks[row]! > 0 && (before === null || before.ranks[row]! > 0) ? [row] : [],
      );
      if (rows.length === 0) return [];
      const middle = (ranks: Int32Array) => median(rows.map((row) => ranks[row]!));
      return [
        {
          grade,
          objects: rows.length,
          before: before === null ? null : middle(before.ranks),
          after: middle(after.ranks),
        },
      ];
    }),
  };
}
