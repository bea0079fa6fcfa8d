/** How many rows of a sample fall to each stratum. */
import { refuse } from "../../foundation/errors.ts";

/**
 * Divides a sample among strata in proportion to their weights: at least one row each, at most all of its rows, whole numbers
 * by largest remainder.
 *
 * @param rows of each stratum, 1 or more
 * @param weights of each stratum, above 0
 * @returns rows to draw of each; all where the sample is as large as the strata
 * @throws ArcletError when there are fewer rows to draw than strata: some row would have no chance to be drawn
 */
export function allocate(rows: readonly number[], weights: readonly number[], count: number): number[] {
  const all = rows.reduce((sum, n) => sum + n, 0);
  if (count >= all) return [...rows];
  if (count < rows.length)
    refuse("select", "--random", `${rows.length} or more, one for each stratum`, count);
  const quotas = quotasOf(rows, weights, count);
  const drawn = quotas.map((quota, h) => Math.min(rows[h]!, Math.max(1, Math.floor(quota + 1e-9))));
  const byRemainder = [...quotas.keys()].sort(
    (a, b) => quotas[b]! - drawn[b]! - (quotas[a]! - drawn[a]!) || a - b,
  );
  let left = count - drawn.reduce((sum, n) => sum + n, 0);
  for (let k = 0; left > 0; k = (k + 1) % byRemainder.length) {
    const h = byRemainder[k]!;
    if (drawn[h]! === rows[h]!) continue;
    drawn[h]!++;
    left--;
  }
  return drawn;
}

/** Shares of the sample by weight; strata whose share is beyond their rows, or below one, are set to that, and the rest shared again. */
function quotasOf(rows: readonly number[], weights: readonly number[], count: number): number[] {
  const fixed = new Map<number, number>();
  for (;;) {
    const free = rows.map((_, h) => h).filter((h) => !fixed.has(h));
    const left = count - [...fixed.values()].reduce((sum, n) => sum + n, 0);
    const weight = free.reduce((sum, h) => sum + weights[h]!, 0);
    const quota = (h: number) => (left * weights[h]!) / weight;
    // Those that are full first: what they leave may lift others above one.
    const full = free.filter((h) => quota(h) > rows[h]!);
    const beyond = full.length > 0 ? full : free.filter((h) => quota(h) < 1);
    if (beyond.length === 0) return rows.map((_, h) => fixed.get(h) ?? quota(h));
    for (const h of beyond) fixed.set(h, full.length > 0 ? rows[h]! : 1);
  }
}

/**
 * The ranks at which bins end, from rank `top` + 1 to the last: even in the logarithm, so that bins widen downwards. Without
 * a top each bin is as long as all above it, from the second on.
 *
 * @returns ascending ranks, the last of which is `rows`; fewer than `bins` where ranks are few
 */
export function rankEdges(rows: number, top: number, bins: number): number[] {
  const start = top > 0 ? top : rows / 2 ** bins;
  const edges = Array.from({ length: bins }, (_, b) =>
    Math.round(start * (rows / start) ** ((b + 1) / bins)),
  );
  return [...new Set([...edges.slice(0, -1), rows])].filter((edge) => edge > top && edge <= rows);
}
