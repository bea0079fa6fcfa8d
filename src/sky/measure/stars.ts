/**
 * The seeing of a frame, from its stars. Of the sources that are bright, whole, alone, round and not saturated, stars
 * are those of one size whatever their brightness: the vertical locus of the size-magnitude diagram, at its small end
 * (Kaiser, Squires & Broadhurst 1995, ApJ 449, 460, section 3).
 */
import { quantile } from "../../foundation/statistics.ts";
import { SOURCE_FLAGS } from "../detect.ts";
import { fitMoffat, type MoffatFit, type StampPixel } from "./moffat-fit.ts";
import type { Noise } from "./noise.ts";

export interface Seeing {
  /** Median full width at half maximum of the stars, pixels. */
  fwhm: number;
  /** Half the range that holds 68 % of them, pixels. */
  scatter: number;
  /** Median Moffat exponent. */
  beta: number;
  /** How many stars, and of how many candidates. */
  stars: number;
  candidates: number;
}

/** A star's peak, in sky sigmas, at least; and at most this part of what a pixel can hold. */
const LEAST_PEAK = 15;
const MOST_OF_SATURATION = 0.7;
/** The locus is this wide: its largest star over its smallest. */
const LOCUS = 1.15;
const MOST_ELLIPTICITY = 0.2;

/** The seeing; `fwhm` is NaN and `stars` 0 where no two candidates are of one size. */
export function seeingOf(noise: Noise, saturation: number): Seeing {
  const fits = candidatesOf(noise, saturation);
  const sizes = fits.map(({ fwhm }) => fwhm).sort((a, b) => a - b);
  const locus = starLocus(sizes);
  const stars = locus === null ? [] : fits.filter(({ fwhm }) => fwhm >= locus[0] && fwhm <= locus[1]);
  const widths = stars.map(({ fwhm }) => fwhm).sort((a, b) => a - b);
  return {
    fwhm: quantile(widths, 0.5),
    scatter: (quantile(widths, 0.84) - quantile(widths, 0.16)) / 2,
    beta: quantile(
      stars.map(({ beta }) => beta).sort((a, b) => a - b),
      0.5,
    ),
    stars: stars.length,
    candidates: fits.length,
  };
}

/**
 * The sizes between which stars lie, of sizes in rising order: galaxies are larger, so the smallest size at which nearly
 * as many gather as anywhere; null where no two are of one size.
 */
export function starLocus(sizes: readonly number[]): [number, number] | null {
  let end = 0;
  const members = sizes.map((size, k) => {
    while (end < sizes.length && sizes[end]! <= LOCUS * size) end++;
    return end - k;
  });
  const most = members.reduce((a, b) => Math.max(a, b), 0);
  const first = members.findIndex((count) => count >= 2 && count >= 0.7 * most);
  return first < 0 ? null : [sizes[first]!, LOCUS * sizes[first]!];
}

function candidatesOf({ plane, sources, sigma }: Noise, saturation: number): MoffatFit[] {
  const { width, height } = plane;
  const found: MoffatFit[] = [];
  for (let k = 0; k < sources.count; k++) {
    const [x, y, a, b] = [sources.x[k]!, sources.y[k]!, sources.a[k]!, sources.b[k]!];
    const peak = sources.peak[k]!;
    if (
      (sources.flags[k]! & ~SOURCE_FLAGS.merged) !== 0 ||
      peak < LEAST_PEAK * sigma ||
      peak > MOST_OF_SATURATION * saturation
    )
      continue;
    if ((a - b) / (a + b) > MOST_ELLIPTICITY) continue;
    const guess = 2 * Math.sqrt(a * b);
    const reach = Math.ceil(2.5 * guess + 2);
    if (x < reach || y < reach || x > width - 1 - reach || y > height - 1 - reach) continue;
    const pixels = stamp(plane.data, plane.mask, sources.segments, k + 1, width, x, y, reach);
    const fit = pixels === null ? null : fitMoffat(pixels, x, y, guess);
    const most = 1.5 * (sigma / peak) + 0.03; // noise, and what of a PSF is no Moffat
    if (fit !== null && fit.residual < most && fit.beta < 50 && fit.fwhm > 1) found.push(fit);
  }
  return found;
}

/** The pixels about a source; null where a blank is among them, or a quarter or more are of other sources. */
function stamp(
  data: Float32Array,
  mask: Uint8Array | undefined,
  segments: Int32Array,
  own: number,
  width: number,
  x: number,
  y: number,
  reach: number,
): StampPixel[] | null {
  const pixels: StampPixel[] = [];
  const [cx, cy] = [Math.round(x), Math.round(y)];
  let others = 0;
  for (let v = cy - reach; v <= cy + reach; v++)
    for (let u = cx - reach; u <= cx + reach; u++) {
      if ((u - x) ** 2 + (v - y) ** 2 > reach ** 2) continue;
      const i = v * width + u;
      if (mask?.[i]) return null;
      if (segments[i] !== own && segments[i] !== 0) others++;
      else pixels.push({ x: u, y: v, value: data[i]! });
    }
  return others * 4 < pixels.length + others ? pixels : null;
}
