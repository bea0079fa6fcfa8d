/** The score that separates a class from the rest best, at any prevalence. */

/**
 * The threshold that maximises completeness minus false-positive rate (Youden 1950, Cancer 3, 32), the highest of equals.
 * Rows with at least this score are selected.
 *
 * @param scores one per row (N)
 * @param positive whether a row is of the class; it must be true for some rows and false for others
 */
export function youdenThreshold(scores: ArrayLike<number>, positive: (row: number) => boolean): number {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[b]! - scores[a]!,
  );
  const positives = order.filter(positive).length;
  const negatives = order.length - positives;
  let [gain, best, threshold] = [0, Number.NEGATIVE_INFINITY, scores[order[0]!]!];
  for (const [rank, row] of order.entries()) {
    gain += positive(row) ? 1 / positives : -1 / negatives;
    const next = order[rank + 1];
    const last = next === undefined || scores[next] !== scores[row];
    if (last && gain > best + 1e-12) [best, threshold] = [gain, scores[row]!];
  }
  return threshold;
}
