/**
 * Background, sources and aperture sums by SEP (Barbary 2016, JOSS 1, 58), SExtractor as a library (Bertin & Arnouts
 * 1996, A&AS 117, 393). Pixels that are not finite count as masked.
 */
import { door, nativeCall, type SourceColumn } from "./door.ts";

/** An image: data (height × width) row-major; pixels with a non-zero mask are left out. */
export interface Plane {
  /** Row-major (height × width). */
  data: Float32Array;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** 1 where a pixel doesn't count (height × width). */
  mask?: Uint8Array;
  /** The file, for errors. */
  name?: string;
}

/** The sky of an image, in its own units. */
export interface Background {
  /** Median-like level and standard deviation of the whole image. */
  level: number;
  /** Standard deviation of the whole image. */
  sigma: number;
  /** The same per pixel (height × width). */
  levels: Float32Array;
  /** Standard deviation per pixel (height × width). */
  sigmas: Float32Array;
}

/**
 * The sky's level and noise on a mesh, smoothed by a median over meshes.
 *
 * @param box side of a mesh, pixels
 * @param filter side of the median, meshes
 */
export function background(plane: Plane, box = 64, filter = 3): Background {
  const { data, width, height, mask = null, name = "background" } = plane;
  return nativeCall(name, () => door().background(data, width, height, mask, null, box, filter));
}

/** Sources, as columns of equal length; positions in pixels from 0, `a` and `b` (rms) in pixels, `theta` radians. */
export interface Sources extends Record<SourceColumn, Float64Array> {
  /** Number of sources. */
  count: number;
  /** (height × width): 0, or 1 + the source that holds the pixel. */
  segments: Int32Array;
}

/** Bits of `flags`. */
export const SOURCE_FLAGS = { merged: 1, truncated: 2, singular: 8 } as const;

/** What counts as a source. */
export interface DetectOptions {
  /** Standard deviation of the sky: one number, or one per pixel (height × width). */
  noise: number | Float32Array;
  /** In units of the noise. */
  threshold?: number;
  /** Least number of pixels in a source. */
  pixels?: number;
  /** Deblending: number of levels and least contrast. */
  levels?: number;
  /** Least share of the flux that makes a part a source of its own. */
  contrast?: number;
  /** SExtractor's cleaning efficiency; 0 for none. */
  clean?: number;
  /** Smoothing kernel (side × side) before detection; null for none. */
  kernel?: Float32Array | null;
}

/** SExtractor's default: a pyramid. */
const KERNEL = Float32Array.from([1, 2, 1, 2, 4, 2, 1, 2, 1]);

/** Sources above the sky. The background of `plane` is already subtracted. */
export function detect(plane: Plane, options: DetectOptions): Sources {
  const { data, width, height, mask = null, name = "detect" } = plane;
  const { noise, threshold = 1.5, pixels = 5, levels = 32, contrast = 0.005, clean = 1 } = options;
  const kernel = options.kernel === undefined ? KERNEL : options.kernel;
  const side = kernel === null ? 0 : Math.sqrt(kernel.length);
  const sources = nativeCall(name, () =>
    door().extract(
      data,
      width,
      height,
      mask,
      noise,
      threshold,
      pixels,
      kernel,
      side,
      levels,
      contrast,
      clean,
    ),
  );
  return { ...sources, count: sources.x.length };
}

export interface Apertures {
  sum: Float64Array;
  error: Float64Array;
  /** 16: cut off by the edge; 32: some pixels masked; 64: all masked. */
  flags: Float64Array;
}

/** Flux in circles, masked pixels left out. Positions and radii in pixels. */
export function sumCircles(
  plane: Plane,
  x: Float64Array,
  y: Float64Array,
  radius: Float64Array,
  noise: number | Float32Array | null = null,
): Apertures {
  const { data, width, height, mask = null, name = "apertures" } = plane;
  return nativeCall(name, () => door().sumCircles(data, width, height, mask, noise, x, y, radius));
}
