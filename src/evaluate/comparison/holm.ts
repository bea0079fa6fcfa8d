/** Many comparisons at once. Source: Holm 1979, Scandinavian Journal of Statistics 6, 65. */

/**
 * Holm's adjusted p-values: rejecting those at most 0.05 is wrong anywhere in the family in at most 5 % of experiments,
 * however the comparisons depend on each other.
 *
 * @param p one of each comparison; the adjusted ones are in the same order
 */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a]! - p[b]!);
  const adjusted = Array<number>(p.length);
  let most = 0;
  for (const [rank, index] of order.entries()) {
    most = Math.max(most, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = most;
  }
  return adjusted;
}
