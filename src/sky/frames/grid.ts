/** Grids of a cutout's pixels on the sky: a frame's own, or a square one about a position. */
import type { Wcs } from "../wcs.ts";

/** Pixels (x, y, x, y, …) of a cutout, from 0 → (ra, dec, …), degrees. */
export interface Grid {
  skyOf(pixels: Float64Array): Float64Array;
}

/** The grid of the frame's window that begins at (x, y). */
export function windowGrid(wcs: Wcs, x: number, y: number): Grid {
  return { skyOf: (pixels) => wcs.toSky(pixels.map((value, i) => value + (i % 2 === 0 ? x : y))) };
}

export interface Square {
  /** The middle, degrees. */
  ra: number;
  dec: number;
  /** Pixels per side, and a pixel's side in arcsec. */
  size: number;
  pixelScale: number;
  /** Position angle of the y axis, degrees from north through east; mirrored: x runs east if y runs north. */
  angle: number;
  mirrored: boolean;
}

const RADIANS = Math.PI / 180;

/** A grid on the tangent plane at a position (Calabretta & Greisen 2002, A&A 395, 1077, section 5.1.3). */
export function squareGrid({ ra, dec, size, pixelScale, angle, mirrored }: Square): Grid {
  const [sin, cos] = [Math.sin(dec * RADIANS), Math.cos(dec * RADIANS)];
  const [turn, side] = [angle * RADIANS, (pixelScale / 3600) * RADIANS];
  const half = (size - 1) / 2;
  return {
    skyOf(pixels) {
      const sky = new Float64Array(pixels.length);
      for (let i = 0; i < pixels.length; i += 2) {
        const u = (pixels[i]! - half) * side * (mirrored ? 1 : -1); // to the east, before turning
        const v = (pixels[i + 1]! - half) * side;
        const east = u * Math.cos(turn) + v * Math.sin(turn);
        const north = v * Math.cos(turn) - u * Math.sin(turn);
        const depth = cos - north * sin;
        sky[i] = (((ra + Math.atan2(east, depth) / RADIANS) % 360) + 360) % 360;
        sky[i + 1] = Math.atan2(sin + north * cos, Math.hypot(depth, east)) / RADIANS;
      }
      return sky;
    },
  };
}

/** All pixels of a cutout, row-major. */
export function allPixels(size: number): Float64Array {
  return Float64Array.from({ length: 2 * size * size }, (_, k) =>
    k % 2 === 0 ? (k >> 1) % size : Math.floor((k >> 1) / size),
  );
}

/**
 * The frame's window that matches a grid, and the largest difference between the two at the corners and the middle,
 * pixels; NaN where the frame's projection does not reach.
 */
export function windowOn(grid: Grid, size: number, wcs: Wcs): { x: number; y: number; apart: number } {
  const [end, middle] = [size - 1, Math.floor(size / 2)];
  const pixels = Float64Array.from([middle, middle, 0, 0, end, 0, 0, end, end, end]);
  const position = wcs.toPixels(grid.skyOf(pixels));
  const [x, y] = [Math.round(position[0]!) - middle, Math.round(position[1]!) - middle];
  const apart = position.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - pixels[i]! - (i % 2 === 0 ? x : y))),
    0,
  );
  return { x, y, apart };
}
