/**
 * Systems of a few linear equations, solved in JavaScript: for fits that solve five by five in every step, and for numbers
 * that must be the same wherever libtorch comes from. Large ones are `aten::linalg_solve`'s.
 */

/**
 * Solves A x = b by Gauss and Jordan's elimination with pivots.
 *
 * @param matrix A (n, n), @param right b (n)
 * @param least smallest size of a pivot
 * @returns x (n); null where a pivot is smaller (A is singular) or no number
 */
export function linearSolve(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
  least: number,
): number[] | null {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[best]![k]!)) best = i;
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    const pivot = rows[k]![k]!;
    if (!(Math.abs(pivot) >= least)) return null;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / pivot;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return rows.map((row, k) => row[n]! / row[k]!);
}
