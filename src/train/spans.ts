/** Rows cut into batches. */

/** From an index on, before another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Batches of rows, in their order. A network's last digits depend on which images share a batch, so rows that are cut apart here
 * have the same digits whatever else is scored.
 *
 * @param size of all batches but the last of a run
 * @param runs lengths of the runs of rows that share no batch; left out: all rows are one run
 */
export function spansOf(rows: number, size: number, runs: readonly number[] = [rows]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const length of runs) {
    const end = from + length;
    for (; from < end; from = spans[spans.length - 1]!.to)
      spans.push({ from, to: Math.min(from + size, end) });
  }
  return spans;
}
