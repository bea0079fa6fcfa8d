/** A row of numbers as a row of small bars, for a terminal's line. */
const BARS = "▁▂▃▄▅▆▇█";

/**
 * @param width at most so many bars, of the last numbers
 * @returns a bar a number, from the least to the greatest; a space where it is not finite
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
