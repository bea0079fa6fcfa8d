/**
 * Light in ellipses, by SEP (Barbary 2016, JOSS 1, 58): Kron's radius (Kron 1980, ApJS 43, 305), sums, and the radius
 * that holds a fraction of the light. Given the segments of a detection, a pixel of another source counts as masked;
 * masked pixels count as dark. (SEP can fill them with the aperture's mean, but that puts a core's light into its wings.)
 */
import { type Apertures, type Plane, SOURCE_FLAGS, type Sources } from "./detect.ts";
import { door, nativeCall } from "./door.ts";

/** Shapes of sources, as columns: positions in pixels from 0, rms axes in pixels, theta in radians from the x axis. */
export interface Ellipses {
  /** Each source's number in the segments, from 1. */
  ids: Float64Array;
  x: Float64Array;
  y: Float64Array;
  a: Float64Array;
  b: Float64Array;
  theta: Float64Array;
}

/** Bits of an aperture's flags, besides those of a source. */
export const APERTURE_FLAGS = {
  ...SOURCE_FLAGS,
  cut: 16,
  holdsMasked: 32,
  allMasked: 64,
  notPositive: 128,
} as const;

/** The chosen sources as ellipses; no axis is shorter than a tenth of a pixel. */
export function ellipsesOf(sources: Sources, which: readonly number[]): Ellipses {
  const pick = (column: Float64Array) => Float64Array.from(which, (k) => column[k]!);
  const b = pick(sources.b).map((value) => Math.max(0.1, value));
  return {
    ids: Float64Array.from(which, (k) => k + 1),
    x: pick(sources.x),
    y: pick(sources.y),
    a: pick(sources.a).map((value, i) => Math.max(b[i]!, value)),
    b,
    theta: pick(sources.theta),
  };
}

/** SExtractor's reach of Kron's sum, factor on Kron's radius, and least radius, in units of the axes. */
const [REACH, FACTOR, LEAST] = [6, 2.5, 3.5];

/** The scale of each source's Kron aperture (SExtractor's AUTO), max(2.5 r_Kron, 3.5), and its flags. */
export function kronScales(
  plane: Plane,
  { ids, x, y, a, b, theta }: Ellipses,
  segments: Int32Array,
): { scale: Float64Array; flags: Float64Array } {
  const { data, width, height, mask = null, name = "photometry" } = plane;
  const { radius, flags } = nativeCall(name, () =>
    door().kronRadii(data, width, height, mask, null, segments, ids, x, y, a, b, theta, REACH),
  );
  const scale = radius.map((r) => (r > 0 ? Math.max(FACTOR * r, LEAST) : LEAST));
  return { scale, flags };
}

/**
 * Flux in ellipses of `scale` times the axes.
 *
 * @param noise standard deviation of the sky: one number, or one per pixel
 * @param gain photons per flux unit, whose Poisson noise is added to the error; 0 for none
 */
export function sumEllipses(
  plane: Plane,
  { ids, x, y, a, b, theta }: Ellipses,
  scale: Float64Array,
  noise: number | Float32Array,
  segments: Int32Array | null = null,
  gain = 0,
): Apertures {
  const { data, width, height, mask = null, name = "photometry" } = plane;
  return nativeCall(name, () =>
    door().sumEllipses(data, width, height, mask, noise, segments, gain, ids, x, y, a, b, theta, scale),
  );
}

/** The radius of the circle that holds half of each flux, pixels; NaN where there is no light. */
export function halfLightRadii(
  plane: Plane,
  { ids, x, y, a }: Ellipses,
  flux: Float64Array,
  segments: Int32Array,
): Float64Array {
  const { data, width, height, mask = null, name = "photometry" } = plane;
  const most = a.map((axis) => REACH * axis);
  return nativeCall(name, () =>
    door().fluxRadii(data, width, height, mask, null, segments, 0.5, ids, x, y, most, flux),
  ).radius;
}
