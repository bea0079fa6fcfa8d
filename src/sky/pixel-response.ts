/**
 * What a pixel does to an image: it averages over its square. The survey type says which part of that a PSF contains
 * (`psfPixel`); here is how the rest is done, and how what was done twice is undone.
 */
import type { Survey } from "./survey.ts";

/** The two squares by which images and PSFs differ; their sides in pixels. */
export interface PixelResponse {
  /** A point is the PSF averaged over this square: 0 if the PSF includes the pixel. */
  lacking: number;
  /** Light that was averaged over pixels is blurred by the PSF without this square. */
  included: number;
}

/** Squares that follow each other count by their variance, a twelfth of the squared side. */
export function pixelResponse({ pixelScale, psfPixel = pixelScale }: PixelSizes): PixelResponse {
  const ratio = psfPixel / pixelScale;
  return { lacking: Math.sqrt(Math.max(0, 1 - ratio ** 2)), included: Math.min(1, ratio) };
}

type PixelSizes = Pick<Survey, "pixelScale" | "psfPixel">;

/** Points along a side for the average over a square. */
const STEPS = 8;

/** Offsets along a side, in pixels, over which a mean is the average over a square; only 0 if its side is 0. */
export const offsetsOver = (side: number): number[] =>
  side === 0 ? [0] : Array.from({ length: STEPS }, (_, i) => ((i + 0.5) / STEPS - 0.5) * side);

/**
 * Factors a_n of the series Σ a_n c^n, c = 2 − 2 cos k, for (r k / 2) / sin(r k / 2): the inverse of the average over r
 * pixels, at k radians a pixel. From k² = c + c² / 12 + c³ / 90. With r = 1 these are what turns cells' means into values
 * at their middles, 1/24, 3/640, 5/7168 (c is minus the second difference).
 */
export const sharpeningSeries = (r: number): [number, number, number] => [
  r ** 2 / 24,
  r ** 2 / 288 + (7 * r ** 4) / 5760,
  r ** 2 / 2160 + (7 * r ** 4) / 34560 + (31 * r ** 6) / 967680,
];

/** Pixels by which `sharpenedKernel` makes a kernel longer. */
export const SHARPENED_REACH = 3;

/**
 * An even kernel without the average over `side` pixels.
 *
 * @param half its values at distances 0, 1, 2, …
 * @returns the same, longer by SHARPENED_REACH
 */
export function sharpenedKernel(half: readonly number[], side: number): number[] {
  const length = half.length + SHARPENED_REACH;
  let term = Array.from({ length }, (_, d) => half[d] ?? 0);
  const sum = [...term];
  for (const factor of sharpeningSeries(side)) {
    const last = term;
    const at = (d: number) => last[Math.abs(d)] ?? 0;
    term = last.map((value, d) => 2 * value - at(d - 1) - at(d + 1));
    term.forEach((value, d) => {
      sum[d]! += factor * value;
    });
  }
  return sum;
}
