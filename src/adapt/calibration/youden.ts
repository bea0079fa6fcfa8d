/** The score that tells a class from the rest best, at any prevalence. */

/**
 * The score at which recall less false-positive rate is largest (Youden 1950, Cancer 3, 32), the highest of equals. Rows
 * with a score of at least this are selected.
 *
 * @param scores one a row (N)
 * @param positive whether a row is of the class (N); some are, and some are not
 */
export function youdenThreshold(scores: ArrayLike<number>, positive: (row: number) => boolean): number {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[b]! - scores[a]!,
  );
  const positives = order.filter(positive).length;
  const negatives = order.length - positives;
  let [gain, best, at] = [0, Number.NEGATIVE_INFINITY, scores[order[0]!]!];
  for (const [place, row] of order.entries()) {
    gain += positive(row) ? 1 / positives : -1 / negatives;
    const next = order[place + 1];
    const ends = next === undefined || scores[next] !== scores[row];
    if (ends && gain > best + 1e-12) [best, at] = [gain, scores[row]!];
  }
  return at;
}
