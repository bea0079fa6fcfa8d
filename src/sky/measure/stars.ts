/**
 * The seeing of a frame, from its stars. Among bright, complete, isolated, round and unsaturated sources, stars are those
 * of equal size at any brightness: the vertical locus at the small end of the size-magnitude diagram (Kaiser, Squires &
 * Broadhurst 1995, ApJ 449, 460, section 3).
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
  /** Number of stars, and of the candidates that they are among. */
  stars: number;
  candidates: number;
}

/** Least peak of a star, in sky sigmas; and its largest peak, as a fraction of the saturation. */
const LEAST_PEAK = 15;
const MOST_OF_SATURATION = 0.7;
/** Width of the locus: its largest star over its smallest. */
const LOCUS = 1.15;
const MOST_ELLIPTICITY = 0.2;

/** The seeing; `fwhm` is NaN and `stars` 0 if no two candidates have the same size. */
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
 * The range of the stars' sizes, from sizes in ascending order. Galaxies are larger, so it is the smallest size with
 * nearly as many sources as any other; null if no two have the same size.
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
  const fits: MoffatFit[] = [];
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
    const limit = 1.5 * (sigma / peak) + 0.03; // noise, and the PSF's difference from a Moffat
    if (fit !== null && fit.residual < limit && fit.beta < 50 && fit.fwhm > 1) fits.push(fit);
  }
  return fits;
}

/** The pixels around a source; null if one is blank, or a quarter or more belong to other sources. */
function stamp(
  data: Float32Array,
  mask: Uint8Array | undefined,
  segments: Int32Array,
  id: number,
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
      if (segments[i] !== id && segments[i] !== 0) others++;
      else pixels.push({ x: u, y: v, value: data[i]! });
    }
  return others * 4 < pixels.length + others ? pixels : null;
}
