/** Completeness counted in bins of one property, and of two. */
import { binAt, edgesOf } from "../completeness.ts";
import { type ClusteredRows, type ClusteredShare, shareFound } from "./clustered.ts";
import type { PropertyColumn } from "./properties.ts";

/** Rows of a bin: how many, how many of them were found, and the share by weight. */
export interface Counted {
  readonly count: number;
  readonly found: number;
  readonly completeness: ClusteredShare;
}

/** [low, high), the last bin with its end. */
export interface Bin {
  readonly low: number;
  readonly high: number;
}

export interface Along {
  readonly property: string;
  readonly label: string;
  /** Rows without a value. */
  readonly unknown: number;
  readonly bins: readonly (Bin & Counted)[];
}

export interface CompletenessMap {
  readonly x: string;
  readonly y: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Cells with a row. */
  readonly cells: readonly ({ readonly x: Bin; readonly y: Bin } & Counted)[];
}

/** Completeness along a property, in bins that hold all of its values. */
export function countAlong({ name, label, log, values }: PropertyColumn, rows: ClusteredRows): Along {
  const known = values.filter(Number.isFinite);
  const edges = (log ? fineEdges(known) : null) ?? edgesOf(known, log);
  const members = membersOf(values.length, (row) => binAt(edges, values[row]!));
  const bins = edges.slice(1).map((high, b) => ({
    low: edges[b]!,
    high,
    ...countedOf(rows, members.get(b) ?? []),
  }));
  return { property: name, label, unknown: (members.get(-1) ?? []).length, bins };
}

/** A tenth of a decade, rounded (Renard's series). */
const STEPS = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8];
const MOST_BINS = 10;

/** Edges a tenth of a decade apart, finer than a map's; null if that makes too many bins, or a value is not positive. */
function fineEdges(values: Float64Array): number[] | null {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (!(low > 0)) return null;
  const first = Math.floor(Math.log10(low));
  const decades = Math.floor(Math.log10(high)) - first + 2;
  const all = Array.from({ length: decades }, (_, k) =>
    STEPS.map((step) => Number((step * 10 ** (first + k)).toPrecision(12))),
  ).flat();
  const start = all.findLastIndex((edge) => edge <= low);
  const end = Math.max(
    start + 1,
    all.findIndex((edge) => edge >= high),
  );
  return end - start > MOST_BINS ? null : all.slice(start, end + 1);
}

/** Completeness over two properties. */
export function countMap(x: PropertyColumn, y: PropertyColumn, rows: ClusteredRows): CompletenessMap {
  const xEdges = edgesOf(x.values.filter(Number.isFinite), x.log);
  const yEdges = edgesOf(y.values.filter(Number.isFinite), y.log);
  const across = xEdges.length - 1;
  const members = membersOf(x.values.length, (row) => {
    const [a, b] = [binAt(xEdges, x.values[row]!), binAt(yEdges, y.values[row]!)];
    return a < 0 || b < 0 ? -1 : b * across + a;
  });
  const cells = [...members]
    .filter(([cell]) => cell >= 0)
    .sort(([a], [b]) => a - b)
    .map(([cell, inCell]) => {
      const [a, b] = [cell % across, Math.floor(cell / across)];
      return {
        x: { low: xEdges[a]!, high: xEdges[a + 1]! },
        y: { low: yEdges[b]!, high: yEdges[b + 1]! },
        ...countedOf(rows, inCell),
      };
    });
  return { x: x.name, y: y.name, xLabel: x.label, yLabel: y.label, cells };
}

const countedOf = (rows: ClusteredRows, which: readonly number[]): Counted => ({
  count: which.length,
  found: which.reduce((sum, row) => sum + rows.found[row]!, 0),
  completeness: shareFound(rows, which),
});

/** The rows of each bin; −1 for those of none. */
function membersOf(count: number, binOf: (row: number) => number): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const bin = binOf(row);
    const known = members.get(bin);
    if (known === undefined) members.set(bin, [row]);
    else known.push(row);
  }
  return members;
}
