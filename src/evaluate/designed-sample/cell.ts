/**
 * Cells: rows of one stratum on one side of a threshold, of which some were graded. How many lenses a side holds, as values
 * and as draws of what the numbers may be.
 *
 * In a cell of N rows, of which n were graded and k are lenses, the rows that were not graded hold a beta-binomial number of
 * lenses: N − n trials, with parameters (k, n − k + 1). Its quantiles are the exact lower limits of the hypergeometric
 * distribution. The exact upper limits would have (k + 1, n − k): one lens more. One more in every cell makes sums of many
 * cells far too large; of a weighted sum it is enough that the cell of the greatest weight N / n has one more (Fay & Feuer
 * 1997, Statistics in Medicine 16, 791).
 *
 * Our deviations: for both ends that one cell has half a lens more, as Jeffreys's prior does, (k + ½, n − k + ½). Simulations
 * chose it (docs/results/designed-sample.md): a half in every cell covers far too rarely, one more too often.
 * Corrected for graders' errors, a cell that has fewer positives than these errors alone would make counts with a negative
 * number of lenses, and only the sums over a side's cells are at least none, that of graded rows and that of others each: cut
 * off at zero cell by cell, the errors that happen to be many would stay and those that happen to be few would not, and all
 * sums would be too large. Cut off together, the deepest cell, where a few graded rows speak for half of the survey, would
 * take away lenses that graders saw in the top.
 */
import type { Draws } from "../../foundation/random.ts";
import { lensesAmongGraded, lensShare, type Rates } from "./grader-errors.ts";
import { beta, binomial } from "./variates.ts";

export interface Counts {
  /** N, all of them. */
  readonly rows: number;
  /** n ≤ N, those that were graded. */
  readonly graded: number;
  /** k ≤ n, those that were called lenses. */
  readonly positives: number;
}

export interface Cell extends Counts {
  /** Graded rows of its stratum that speak for it where it has none itself. */
  readonly stratum: Counts;
}

/** The counts that speak for a cell: its own, or its stratum's. */
const evidence = (cell: Cell): Counts => (cell.graded > 0 ? cell : cell.stratum);

/**
 * Hájek's estimate of a side's lenses: in every cell N Σ(y / π) / Σ(1 / π), which is N k / n.
 *
 * Corrected for graders' errors, rows that were graded and rows that were not have at least no lens each: too few positives
 * among the many that a few graded rows speak for don't take away lenses that graders saw.
 *
 * @param rates of the graders; null if they are not corrected
 */
export const lensesOf = (cells: readonly Cell[], rates: Rates | null): number =>
  summed(
    cells.map((cell) => {
      const { graded, positives } = evidence(cell);
      const share = lensShare(positives / graded, rates);
      return { graded: cell.graded * share, others: (cell.rows - cell.graded) * share };
    }),
  );

/** Horvitz and Thompson's: the sum of y / π, with π the share of the stratum's rows that were graded. */
export const weightedPositives = (cells: readonly Cell[]): number =>
  cells.reduce((sum, { positives, stratum }) => sum + (positives * stratum.rows) / stratum.graded, 0);

/** The index of the cell of the greatest weight N / n; -1 where every row was graded. */
export function sparsest(cells: readonly Cell[]): number {
  let [found, most] = [-1, 0];
  for (const [c, cell] of cells.entries()) {
    if (cell.graded === cell.rows) continue;
    const { rows, graded } = evidence(cell);
    if (rows / graded > most) [found, most] = [c, rows / graded];
  }
  return found;
}

/** Lenses in a cell: estimated ones are below 0 where graders made fewer errors than they do on average. */
export interface CellLenses {
  /** Among the rows that were graded. */
  readonly graded: number;
  /** Among the others. */
  readonly others: number;
}

/** One draw of the lenses in a cell. @param isSparsest whether it has the half @param rates null if graders are not corrected */
export function drawnLenses(draws: Draws, cell: Cell, isSparsest: boolean, rates: Rates | null): CellLenses {
  if (rates === null && cell.graded === cell.rows) return { graded: cell.positives, others: 0 };
  const { graded, positives } = evidence(cell);
  const more = isSparsest ? 0.5 : 0;
  const share = lensShare(beta(draws, positives + more, graded - positives + 1 - more), rates);
  const known = rates === null ? cell.positives : lensesAmongGraded(draws, cell, Math.max(0, share), rates);
  const unknown = cell.rows - cell.graded;
  return { graded: known, others: share < 0 ? unknown * share : binomial(draws, unknown, share) };
}

/** Lenses on a side, from those of its cells: at least none among its graded rows, and none among its others. */
export function summed(cells: readonly CellLenses[]): number {
  const total = (of: keyof CellLenses) => cells.reduce((sum, cell) => sum + cell[of], 0);
  return Math.max(0, total("graded")) + Math.max(0, total("others"));
}
