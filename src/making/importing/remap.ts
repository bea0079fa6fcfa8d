/**
 * Images on another grid of pixels, conserving flux: along each axis, the running sum of the pixels is interpolated at
 * the new pixels' edges, and differences are taken. The sum between two edges that both grids share stays the same to
 * the last digits. (The piecewise parabolic reconstruction of Colella & Woodward 1984, J. Comput. Phys. 54, 174, with the
 * edge values of their equation 1.6, without limiters.)
 *
 * Not `fitting/resample`, which fits images to a network and interpolates brightness: here photometry must hold. Nor
 * `sky/frames/interpolate`, whose new pixels may be anywhere on a frame with gaps: here both grids share their middle.
 */

/**
 * @param plane (height, width), row-major
 * @param ratio side of an old pixel over that of a new one: 2 halves the pixels
 * @param outHeight new pixels, about the old image's middle
 * @returns (outHeight, outWidth); each new pixel has the flux that falls into it, none from beyond the image
 */
export function remapped(
  plane: ArrayLike<number>,
  [height, width]: readonly [number, number],
  ratio: number,
  [outHeight, outWidth]: readonly [number, number],
): Float32Array {
  const rows = new Float64Array(height * outWidth);
  const line = new Float64Array(Math.max(height, width));
  const out = new Float64Array(Math.max(outHeight, outWidth));
  const columns = edges(width, outWidth, ratio);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) line[x] = plane[y * width + x]!;
    remapLine(line, width, columns, out);
    for (let x = 0; x < outWidth; x++) rows[y * outWidth + x] = out[x]!;
  }
  const lines = edges(height, outHeight, ratio);
  const result = new Float32Array(outHeight * outWidth);
  for (let x = 0; x < outWidth; x++) {
    for (let y = 0; y < height; y++) line[y] = rows[y * outWidth + x]!;
    remapLine(line, height, lines, out);
    for (let y = 0; y < outHeight; y++) result[y * outWidth + x] = out[y]!;
  }
  return result;
}

/** The new pixels' edges in old pixels, counted from the old image's first edge. */
const edges = (old: number, count: number, ratio: number): Float64Array =>
  Float64Array.from({ length: count + 1 }, (_, k) => old / 2 + (k - count / 2) / ratio);

function remapLine(values: Float64Array, n: number, at: Float64Array, out: Float64Array): void {
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i]! + values[i]!;
  const slope = (edge: number): number => {
    if (edge === 0) return values[0]!;
    if (edge === n) return values[n - 1]!;
    const near = values[edge - 1]! + values[edge]!;
    if (edge === 1 || edge === n - 1) return near / 2;
    return (7 * near - values[edge - 2]! - values[edge + 1]!) / 12;
  };
  // The Hermite cubic through the sums at both edges, with the brightness there as slopes.
  const sumTo = (x: number): number => {
    if (x <= 0) return 0;
    if (x >= n) return sums[n]!;
    const i = Math.min(n - 1, Math.floor(x));
    const t = x - i;
    const [a, b, d0, d1] = [sums[i]!, sums[i + 1]!, slope(i), slope(i + 1)];
    return a + t * (d0 + t * (3 * (b - a) - 2 * d0 - d1 + t * (2 * (a - b) + d0 + d1)));
  };
  let before = sumTo(at[0]!);
  for (let k = 0; k + 1 < at.length; k++) {
    const next = sumTo(at[k + 1]!);
    out[k] = next - before;
    before = next;
  }
}
