/** How what is selected differs from what was injected: quantiles of both. */
import type { PropertyColumn } from "./properties.ts";

/** The parts that are given, as Herle et al. (2023, arXiv:2307.10355) compare selected lenses with all. */
export const PARTS = [0.05, 0.16, 0.5, 0.84, 0.95] as const;

export interface Quantiles {
  readonly property: string;
  readonly label: string;
  /** One a part; null without a row. */
  readonly injected: readonly (number | null)[];
  readonly found: readonly (number | null)[];
}

/** @param found 1 for a row that was found (N) @param weights (N) */
export function quantilesOf(
  { name, label, values }: PropertyColumn,
  found: Uint8Array,
  weights: Float64Array,
): Quantiles {
  const known = [...values.keys()].filter((row) => Number.isFinite(values[row]!));
  const order = known.sort((a, b) => values[a]! - values[b]!);
  const of = (rows: readonly number[]) => PARTS.map((part) => weightedQuantile(values, weights, rows, part));
  return {
    property: name,
    label,
    injected: of(order),
    found: of(order.filter((row) => found[row] === 1)),
  };
}

/** The first value that a part of the weight is at or below. @param order rows with ascending values */
export function weightedQuantile(
  values: Float64Array,
  weights: Float64Array,
  order: readonly number[],
  part: number,
): number | null {
  const all = order.reduce((sum, row) => sum + weights[row]!, 0);
  let below = 0;
  for (const row of order) {
    below += weights[row]!;
    // A hair of tolerance: three of ten weights of 0.1 are 0.3.
    if (below >= part * all * (1 - 1e-12)) return values[row]!;
  }
  return order.length === 0 ? null : values[order.at(-1)!]!;
}
