/** Measuring a host: its sky, and the object in its middle. */
import { quantile } from "../../foundation/statistics.ts";
import { detect, type Plane } from "../../sky/detect.ts";

/** The object in the middle of a cutout, in pixels from its upper left, y downwards. */
export interface Central {
  x: number;
  y: number;
  /** Second moments of its light along the axes, pixels; and the major axis, radians from x towards larger y. */
  a: number;
  b: number;
  theta: number;
  /** Flux of each band in a circle that has nearly all of it, without pixels of other sources. */
  flux: number[];
  /** Flux of each band in the object's own pixels that are not full, for colours. */
  core: number[];
  /** How many pixels that is. */
  corePixels: number;
  /** How many of its own pixels are full. */
  full: number;
}

export interface Measured {
  /** Sky level of each band and its standard deviation in a pixel, flux units. */
  level: number[];
  sigma: number[];
  /** Null if there is no source within 1.5 pixels, or the seeing, of the middle. */
  central: Central | null;
}

/** Radius of the circle for fluxes, in second moments √(a b): nine tenths of a de Vaucouleurs profile's light. */
const CIRCLE = 4;

/**
 * The sky is measured on the outer quarter of the cutout's pixels: their median, and the distance from it to the
 * 15.9th percentile, which sources do not affect; in a composite, where that half of the noise is clipped, to the upper
 * quartile. The object is found in the sum of the bands, each in units of its noise.
 *
 * @param flux (C, S, S) row-major
 * @param full 1 if a pixel is full in any band (S, S); null if none is
 * @param seeing full width at half maximum, pixels: how far from the middle the object may be
 */
export function measured(
  flux: Float32Array,
  side: number,
  {
    full,
    clipped,
    seeing,
    name,
  }: { full: Uint8Array | null; clipped: boolean; seeing: number; name: string },
): Measured {
  const area = side * side;
  const bands = flux.length / area;
  const planes = Array.from({ length: bands }, (_, c) => flux.subarray(c * area, (c + 1) * area));
  const skies = planes.map((plane) => skyOf(plane, side, clipped));
  const level = skies.map((sky) => sky.level);
  const sigma = skies.map((sky) => sky.sigma);
  if (sigma.some((s) => !(s > 0))) return { level, sigma, central: null };
  const data = new Float32Array(area);
  for (const [c, plane] of planes.entries())
    for (let p = 0; p < area; p++) data[p]! += (plane[p]! - level[c]!) / sigma[c]! / Math.sqrt(bands);
  const sum: Plane = { data, width: side, height: side, name };
  const sources = detect(sum, { noise: 1, threshold: 2, contrast: 0.01 });
  const middle = (side - 1) / 2;
  let nearest = -1;
  let least = Math.max(1.5, seeing);
  for (let i = 0; i < sources.count; i++) {
    const distance = Math.hypot(sources.x[i]! - middle, sources.y[i]! - middle);
    if (distance < least) [nearest, least] = [i, distance];
  }
  if (nearest < 0) return { level, sigma, central: null };
  const [x, y, a, b, theta] = (["x", "y", "a", "b", "theta"] as const).map(
    (key) => sources[key][nearest]!,
  ) as [number, number, number, number, number];
  const radius = Math.min(side / 2, Math.max(CIRCLE * Math.sqrt(a * b), seeing));
  const central: Central = {
    x,
    y,
    a,
    b,
    theta,
    flux: level.map(() => 0),
    core: level.map(() => 0),
    corePixels: 0,
    full: 0,
  };
  for (let p = 0; p < area; p++) {
    const holder = sources.segments[p]!;
    const own = holder === nearest + 1;
    const inside = ((p % side) - x) ** 2 + (Math.floor(p / side) - y) ** 2 <= radius ** 2;
    if (own) central.full += full?.[p] ?? 0;
    if (own && !full?.[p]) central.corePixels++;
    for (const [c, plane] of planes.entries()) {
      const light = plane[p]! - level[c]!;
      if (own && !full?.[p]) central.core[c]! += light;
      if (inside && (own || holder === 0)) central.flux[c]! += light;
    }
  }
  return { level, sigma, central };
}

/** The sky from the pixels outside an inner square that leaves a quarter of them. */
function skyOf(plane: Float32Array, side: number, clipped: boolean): { level: number; sigma: number } {
  const border = Math.max(2, Math.round((side * (1 - Math.sqrt(0.75))) / 2));
  const outer = plane.filter((_, p) => {
    const [column, row] = [p % side, Math.floor(p / side)];
    return Math.min(column, row, side - 1 - column, side - 1 - row) < border;
  });
  outer.sort();
  const level = quantile(outer, 0.5);
  const sigma = clipped ? (quantile(outer, 0.75) - level) / 0.67449 : level - quantile(outer, 0.158655);
  return { level, sigma };
}
