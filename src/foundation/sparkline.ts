/** Numbers as a row of small bars, for one line of a terminal. */
const BARS = "▁▂▃▄▅▆▇█";

/**
 * @param width the most bars; only the last numbers are shown
 * @returns one bar per number, scaled from the least to the greatest; a space if it is not finite
 */
export function sparkline(values: readonly number[], width = 16): string {
  const last = values.slice(-width);
  const finite = last.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return last
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      return BARS[range === 0 ? 0 : Math.round(((value - low) / range) * (BARS.length - 1))];
    })
    .join("");
}
