/**
 * Small systems of linear equations, solved in JavaScript: for fits that solve a 5 × 5 system in every step, and for
 * numbers that must not depend on the build of libtorch. For large systems use `aten::linalg_solve`.
 */

/**
 * Solves A x = b by Gauss-Jordan elimination with partial pivoting.
 *
 * @param matrix A (n, n), @param right b (n)
 * @param least smallest absolute value of a pivot
 * @returns x (n); null if a pivot is smaller (A is singular) or NaN
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
