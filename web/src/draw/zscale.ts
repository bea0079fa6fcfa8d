/**
 * The range of values that IRAF's `zscale` shows: that of the image's sky and faint light, whatever its few bright pixels are.
 *
 * Source: the help page of IRAF's `display` task (NOAO, 1980s). A line is fitted to the sorted values, as a function of their
 * index; values far from it are rejected, with some beside them, and the line is fitted again. Its slope, divided by a
 * contrast, gives the range about the median. Where too few values are left, all of the range is shown.
 */

/** The task's defaults: pixels sampled, contrast, and the most passes. */
const SAMPLE = 1000;
const CONTRAST = 0.25;
const PASSES = 5;
/** Values further than this many standard deviations from the line are rejected. */
const REJECT = 2.5;
/** The least share, and the least number, of values that a line must be left with. */
const LEAST_SHARE = 0.5;
const LEAST = 5;
/** The share of the sample that a rejected value takes along on either side. */
const GROW = 0.01;

/** @param values not finite ones are left out @returns the values shown black and white; [0, 1] without a value */
export function zscale(values: ArrayLike<number>): [number, number] {
  const sorted = sampled(values);
  const count = sorted.length;
  if (count === 0) return [0, 1];
  const [least, most] = [sorted[0]!, sorted[count - 1]!];
  const slope = fittedSlope(sorted);
  if (slope === null) return [least, most];
  const middle = (count - 1) >> 1;
  const median = count % 2 === 1 ? sorted[middle]! : (sorted[middle]! + sorted[middle + 1]!) / 2;
  const reach = slope / CONTRAST;
  return [Math.max(least, median - middle * reach), Math.min(most, median + (count - middle - 1) * reach)];
}

/** Up to 1000 of the values, evenly over the image and ascending. */
function sampled(values: ArrayLike<number>): Float64Array {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const some: number[] = [];
  for (let i = 0; i < values.length && some.length < SAMPLE; i += step)
    if (Number.isFinite(values[i]!)) some.push(values[i]!);
  return Float64Array.from(some).sort();
}

/** The slope of the line, per index; null if too few values are near one. */
function fittedSlope(sorted: Float64Array): number | null {
  const count = sorted.length;
  const least = Math.max(LEAST, Math.floor(count * LEAST_SHARE));
  const grow = Math.max(1, Math.floor(count * GROW));
  let kept: Uint8Array = new Uint8Array(count).fill(1);
  let left = count;
  let slope = 0;
  for (let pass = 0; pass < PASSES && left >= least; pass++) {
    const line = lineOf(sorted, kept);
    slope = line.slope;
    const near = withoutFar(sorted, kept, line, grow);
    const now = near.reduce((sum, one) => sum + one, 0);
    if (now >= left) return slope;
    [kept, left] = [near, now];
  }
  return left >= least ? slope : null;
}

interface Line {
  slope: number;
  /** At index 0. */
  level: number;
}

/** Least squares over the values that are kept. */
function lineOf(sorted: Float64Array, kept: Uint8Array): Line {
  let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < sorted.length; i++) {
    if (kept[i] === 0) continue;
    n++;
    x += i;
    y += sorted[i]!;
    xx += i * i;
    xy += i * sorted[i]!;
  }
  const spread = n * xx - x * x;
  const slope = spread === 0 ? 0 : (n * xy - x * y) / spread;
  return { slope, level: n === 0 ? 0 : (y - slope * x) / n };
}

/** What is kept after a pass: without the values that are far from the line, and those within `grow` of them. */
function withoutFar(
  sorted: Float64Array,
  kept: Uint8Array,
  { slope, level }: Line,
  grow: number,
): Uint8Array {
  const apart = (i: number) => sorted[i]! - level - slope * i;
  let [n, squares] = [0, 0];
  for (let i = 0; i < sorted.length; i++) {
    if (kept[i] === 0) continue;
    n++;
    squares += apart(i) ** 2;
  }
  const most = REJECT * Math.sqrt(squares / Math.max(n - 1, 1));
  const near = Uint8Array.from(kept);
  for (let i = 0; i < sorted.length; i++)
    if (kept[i] === 1 && Math.abs(apart(i)) > most)
      near.fill(0, Math.max(0, i - grow), Math.min(sorted.length, i + grow + 1));
  return near;
}
