/** Which lenses are found and which look-alikes fool the finder: recall along what is known of the lenses, false positives by kind. */
import { withWilson } from "./estimates.ts";
import type { Scores } from "./ranked.ts";
import type { Completeness, FalsePositivesByKind } from "./schema.ts";

/** A column of numbers (N), NaN where they are unknown or have no meaning. */
export interface NumberColumn {
  readonly column: string;
  /** With its unit. */
  readonly label: string;
  /** Whether its bins are even in the logarithm. */
  readonly log: boolean;
  readonly values: Float64Array;
}

export interface TruthColumns {
  readonly numbers: readonly NumberColumn[];
  /** What a row is, e.g. `spiral` (N); null if unknown. */
  readonly kind?: readonly (string | null)[];
}

/** The columns of a simulated dataset's table along which recall is measured; the first two make the map. */
export const COMPLETENESS_COLUMNS: readonly Omit<NumberColumn, "values">[] = [
  { column: "theta_e", label: "Einstein radius (arcsec)", log: false },
  { column: "arc_snr", label: "arc signal-to-noise", log: true },
  { column: "lens_mag", label: "lens magnitude (AB)", log: false },
];

/** Most bins along a column. */
const MOST_BINS = 8;

/**
 * Recall of the positives at a threshold, with Wilson's intervals, along every column and over the first two.
 *
 * @returns null when no positive has a value in any column
 */
export function computeCompleteness(
  { numbers }: TruthColumns,
  scores: Scores,
  positives: Uint8Array,
  threshold: number,
): Completeness | null {
  const known = numbers.flatMap((numberColumn) => {
    const { values, log } = numberColumn;
    const ofPositives = values.filter((value, i) => positives[i] === 1 && Number.isFinite(value));
    return ofPositives.length === 0 ? [] : [{ ...numberColumn, edges: edgesOf(ofPositives, log) }];
  });
  if (known.length === 0) return null;
  const along = known.map(({ column, label, values, edges }) => {
    const counts = tally(edges.length - 1, scores, positives, threshold, (i) => binAt(edges, values[i]!));
    return {
      column,
      label,
      unknown: counts.outside,
      bins: counts.tallies.map((bin, b) => ({ low: edges[b]!, high: edges[b + 1]!, ...recallOf(bin) })),
    };
  });
  const [x, y] = ["theta_e", "arc_snr"].map((name) => known.find(({ column }) => column === name));
  return { threshold, along, map: x && y ? mapOf(x, y, scores, positives, threshold) : null };
}

type Binned = NumberColumn & { edges: number[] };

function mapOf(x: Binned, y: Binned, scores: Scores, positives: Uint8Array, threshold: number) {
  const across = x.edges.length - 1;
  const cell = (i: number) => {
    const [a, b] = [binAt(x.edges, x.values[i]!), binAt(y.edges, y.values[i]!)];
    return a < 0 || b < 0 ? -1 : b * across + a;
  };
  const { tallies } = tally(across * (y.edges.length - 1), scores, positives, threshold, cell);
  const cells = tallies.flatMap((bin, c) => {
    if (bin.count === 0) return [];
    const [a, b] = [c % across, Math.floor(c / across)];
    return [
      {
        x: { low: x.edges[a]!, high: x.edges[a + 1]! },
        y: { low: y.edges[b]!, high: y.edges[b + 1]! },
        ...recallOf(bin),
      },
    ];
  });
  return { x: x.column, y: y.column, xLabel: x.label, yLabel: y.label, cells };
}

interface Tally {
  count: number;
  found: number;
}

const recallOf = ({ count, found }: Tally) => ({ count, found, recall: withWilson(found, count) });

/** Counts positives, and those found, in each bin; a bin below 0 is outside. */
function tally(
  bins: number,
  scores: Scores,
  positives: Uint8Array,
  threshold: number,
  binOf: (row: number) => number,
): { tallies: Tally[]; outside: number } {
  const tallies = Array.from({ length: bins }, () => ({ count: 0, found: 0 }));
  let outside = 0;
  for (let i = 0; i < positives.length; i++) {
    if (positives[i] !== 1) continue;
    const bin = binOf(i);
    if (bin < 0) outside++;
    else {
      tallies[bin]!.count++;
      if (scores[i]! >= threshold) tallies[bin]!.found++;
    }
  }
  return { tallies, outside };
}

/** The bin [low, high) of a value, the last one closed; −1 if the value is unknown. */
export function binAt(edges: readonly number[], value: number): number {
  if (!Number.isFinite(value)) return -1;
  for (let b = edges.length - 2; b > 0; b--) if (value >= edges[b]!) return b;
  return 0;
}

/** Round numbers that enclose the values: even steps of 1, 2, 2.5 or 5 times a power of ten, or 1, 2, 5, 10, … */
export function edgesOf(values: Float64Array, log: boolean): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return log && low > 0 ? logEdges(low, high) : evenEdges(low, high);
}

function evenEdges(low: number, high: number): number[] {
  if (low === high) return [low - 0.5, high + 0.5];
  let power = 10 ** Math.floor(Math.log10((high - low) / MOST_BINS) - 1);
  for (;;) {
    for (const part of [1, 2, 2.5, 5]) {
      const step = part * power;
      // A hair of tolerance: 0.3 is three steps of 0.1.
      const first = Math.floor(low / step + 1e-9);
      const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
      if (last - first <= MOST_BINS)
        return Array.from({ length: last - first + 1 }, (_, k) => rounded((first + k) * step));
    }
    power *= 10;
  }
}

function logEdges(low: number, high: number): number[] {
  for (const parts of [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    const first = Math.floor(Math.log10(low)) - 1;
    const last = Math.ceil(Math.log10(high)) + 1;
    const all = Array.from({ length: last - first + 1 }, (_, k) =>
      parts.map((part) => rounded(part * 10 ** (first + k))),
    ).flat();
    const start = all.findLastIndex((edge) => edge <= low);
    const end = Math.max(
      start + 1,
      all.findIndex((edge) => edge >= high),
    );
    if (end - start <= MOST_BINS || parts.length === 1) return all.slice(start, end + 1);
  }
  return [low, high];
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** False positives by what they are, the kind that fools most often first. */
export function falsePositivesByKind(
  kind: readonly (string | null)[],
  scores: Scores,
  positives: Uint8Array,
  threshold: number,
): FalsePositivesByKind {
  const counts = new Map<string, { negatives: number; falsePositives: number }>();
  for (let i = 0; i < positives.length; i++) {
    if (positives[i] === 1) continue;
    const name = kind[i] ?? "unknown";
    const ofKind = counts.get(name) ?? { negatives: 0, falsePositives: 0 };
    counts.set(name, ofKind);
    ofKind.negatives++;
    if (scores[i]! >= threshold) ofKind.falsePositives++;
  }
  return [...counts]
    .map(([name, ofKind]) => ({
      kind: name,
      ...ofKind,
      fpr: withWilson(ofKind.falsePositives, ofKind.negatives),
    }))
    .sort((a, b) => b.fpr.value! - a.fpr.value! || (a.kind < b.kind ? -1 : 1));
}
