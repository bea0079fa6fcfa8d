/**
 * Shares of rows of which some belong together: several arcs on one host are found or missed together, so they say less
 * than as many on different hosts.
 *
 * Rows of a group are taken to be equally correlated. With ρ known, n rows of weight w are worth
 * n_eff = (Σ w)² / Σ_g [Σ w² + ρ ((Σ w)² − Σ w²)] independent ones (Rao & Scott 1992, Biometrics 48, 577), the sums within
 * groups g, and their share has Wilson's interval of n_eff trials. Without groups and weights that is Wilson's own.
 */

import { withWilson } from "../estimates.ts";
import { type NumberedGroups, numberGroups } from "../resample.ts";
import type { Estimate } from "../schema.ts";

/** Rows with their groups, how much each counts, and whether it was found. */
export interface ClusteredRows {
  /** 1 for a row that was found (N). */
  readonly found: Uint8Array;
  /** (N) */
  readonly weights: Float64Array;
  readonly groups: NumberedGroups;
  /** ρ of rows of one group; null if all are of one group, from which nothing is known of others. */
  readonly correlation: number | null;
}

/** A share, and how many independent rows it is worth. */
export interface ClusteredShare extends Estimate {
  readonly effective: number;
}

/** Steps to the fixed point of ρ and what the share's own error takes from it. */
const STEPS = 50;

/** @param groups of every row (N): names, or numbers */
export function clusteredRows(
  found: Uint8Array,
  weights: Float64Array,
  groups: ArrayLike<string | number>,
): ClusteredRows {
  const numbered = numberGroups(groups, found.length);
  const rows = { found, weights, groups: numbered, correlation: null };
  return { ...rows, correlation: numbered.count < 2 ? null : correlationOf(rows) };
}

/**
 * The share of the rows that were found, by weight.
 *
 * @param which the rows' indices; all if absent
 * @returns without a value when there is no row, without bounds when ρ is not known
 */
export function shareFound(rows: ClusteredRows, which?: ArrayLike<number>): ClusteredShare {
  const chosen = which ?? Uint32Array.from(rows.found.keys());
  const { all, found } = weightOf(rows, chosen);
  if (!(all > 0)) return { value: null, low: null, high: null, effective: 0 };
  const value = found / all;
  if (rows.correlation === null) return { value, low: null, high: null, effective: 1 };
  const effective = effectiveRows(rows, chosen)(rows.correlation);
  // The bounds are exactly 0 and 1 at the ends, which rounding must not move.
  const successes = value === 0 ? 0 : value === 1 ? effective : value * effective;
  return { ...withWilson(successes, effective), value, effective };
}

function weightOf({ found, weights }: ClusteredRows, which: ArrayLike<number>) {
  let [all, ofFound] = [0, 0];
  for (let k = 0; k < which.length; k++) {
    const row = which[k]!;
    all += weights[row]!;
    if (found[row] === 1) ofFound += weights[row]!;
  }
  // In another order the sums may differ in the last digit.
  return { all, found: Math.min(all, ofFound) };
}

/** How many independent rows some are worth, as a function of ρ. */
function effectiveRows(
  { weights, groups }: ClusteredRows,
  which: ArrayLike<number>,
): (rho: number) => number {
  const ofGroup = new Map<number, number>();
  let [all, squares] = [0, 0];
  for (let k = 0; k < which.length; k++) {
    const weight = weights[which[k]!]!;
    const group = groups.index[which[k]!]!;
    ofGroup.set(group, (ofGroup.get(group) ?? 0) + weight);
    all += weight;
    squares += weight ** 2;
  }
  let pairs = -squares;
  for (const sum of ofGroup.values()) pairs += sum ** 2;
  // Rounding leaves a trace where no two rows are of one group.
  if (pairs < 1e-12 * all ** 2) pairs = 0;
  return (rho) => all ** 2 / (squares + rho * pairs);
}

/**
 * ρ by the products of the residuals of two rows of a group, over p (1 − p), by weight; 0 at least. The share is estimated
 * from the same rows, which lowers these products by its variance and is made good.
 */
function correlationOf(rows: ClusteredRows): number {
  const { found, weights, groups } = rows;
  const which = Uint32Array.from(found.keys());
  const { all, found: ofFound } = weightOf(rows, which);
  const p = ofFound / all;
  if (!(p > 0 && p < 1)) return 0;
  const residual = new Float64Array(groups.count);
  const weight = new Float64Array(groups.count);
  let [products, pairs] = [0, 0];
  for (let row = 0; row < found.length; row++) {
    const r = weights[row]! * (found[row]! - p);
    residual[groups.index[row]!]! += r;
    weight[groups.index[row]!]! += weights[row]!;
    products -= r ** 2;
    pairs -= weights[row]! ** 2;
  }
  for (let g = 0; g < groups.count; g++) {
    products += residual[g]! ** 2;
    pairs += weight[g]! ** 2;
  }
  // No two rows are of one group, but for rounding.
  if (!(pairs > 1e-12 * all ** 2)) return 0;
  const raw = products / pairs / (p * (1 - p));
  const effective = effectiveRows(rows, which);
  let correlation = Math.max(0, raw);
  for (let step = 0; step < STEPS; step++) {
    const variance = 1 / effective(correlation);
    correlation = Math.min(1, Math.max(0, raw * (1 - variance) + variance));
  }
  return correlation;
}
