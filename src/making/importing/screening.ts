/** Images that can't be used, with missing, constant or saturated pixels; and filling a few missing pixels. */

import { allFinite } from "../../dataset/finite.ts";
import type { ShardValues } from "../../dataset/npy-writer.ts";
import { median } from "../../foundation/statistics.ts";
import { Flaw } from "./cutout.ts";

export interface Limits {
  /** Fraction of an image's pixels that may be missing. */
  maxNan: number;
  /** Fraction of a band's pixels that may be at its top. */
  maxSaturated: number;
}

/** How missing pixels are filled, for provenance and reports. */
export const FILLED_BY = "the median of the nearest pixels of the band that are not missing";

/**
 * Why an image can't be used, if it can't. Missing pixels within the limit are filled in place.
 *
 * @param image (C, height, width)
 * @param saturation level from which each band's pixels are saturated, if known; else a band's top is its largest value
 * @returns the flaw, or how many pixels were filled
 */
export function screened(
  image: ShardValues,
  [height, width]: readonly [number, number],
  saturation: readonly (number | undefined)[],
  { maxNan, maxSaturated }: Limits,
): Flaw | number {
  const plane = height * width;
  const missing = image instanceof Float32Array ? notFinite(image) : 0;
  if (missing > maxNan * image.length)
    return new Flaw("not finite", `${missing} of ${image.length} pixels are NaN or infinite`);
  let constant = true;
  let first = Number.NaN;
  for (let c = 0; c * plane < image.length; c++) {
    const band = image.subarray(c * plane, (c + 1) * plane);
    const finite = missing === 0 ? band : band.filter((x) => Number.isFinite(x));
    if (finite.length === 0) return new Flaw("not finite", `all pixels of band ${c + 1} are NaN or infinite`);
    const { low, high, atTop } = extremes(finite);
    if (c === 0) first = low;
    if (low === high) continue; // a band that is missing, e.g. all zero
    constant = false;
    const level = saturation[c];
    const saturated = level !== undefined && high >= level ? countFrom(finite, level) : 0;
    const most = Math.max(atTop, saturated);
    if (most > maxSaturated * plane)
      return new Flaw(
        "saturated",
        `${most} of ${plane} pixels of band ${c + 1} are at ${saturated > atTop ? level : high} or above`,
      );
  }
  if (constant) return new Flaw("constant image", `all pixels of each band are the same (${first})`);
  if (missing > 0) fillMissing(image, height, width);
  return missing;
}

/** Least and largest value, and how many have the largest. */
function extremes(values: ShardValues): { low: number; high: number; atTop: number } {
  let low = values[0]!;
  let high = low;
  let atTop = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x < low) low = x;
    else if (x > high) {
      high = x;
      atTop = 1;
    } else if (x === high) atTop++;
  }
  return { low, high, atTop };
}

function countFrom(values: ShardValues, level: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! >= level) count++;
  return count;
}

function notFinite(image: Float32Array): number {
  if (allFinite(image)) return 0;
  let count = 0;
  for (let i = 0; i < image.length; i++) if (!Number.isFinite(image[i]!)) count++;
  return count;
}

/** Fills each missing pixel with the median of the smallest square around it that has any pixels; in place. */
function fillMissing(image: ShardValues, height: number, width: number): void {
  const plane = height * width;
  for (let start = 0; start < image.length; start += plane) {
    const holes: number[] = [];
    for (let p = 0; p < plane; p++) if (!Number.isFinite(image[start + p]!)) holes.push(p);
    const values = holes.map((p) =>
      nearestMedian(image, start, [height, width], Math.floor(p / width), p % width),
    );
    for (const [k, p] of holes.entries()) image[start + p] = values[k]!;
  }
}

function nearestMedian(
  image: ShardValues,
  start: number,
  [height, width]: readonly [number, number],
  y: number,
  x: number,
): number {
  const near: number[] = [];
  for (let r = 1; near.length === 0 && r < Math.max(height, width); r++)
    for (let v = Math.max(0, y - r); v <= Math.min(height - 1, y + r); v++)
      for (let u = Math.max(0, x - r); u <= Math.min(width - 1, x + r); u++) {
        const value = image[start + v * width + u]!;
        if (Number.isFinite(value)) near.push(value);
      }
  return median(near);
}
