/// <reference lib="esnext.disposable" preserve="true" />
/**
 * World coordinates (Greisen & Calabretta 2002, A&A 395, 1061; Calabretta & Greisen 2002, A&A 395, 1077), by WCSLIB.
 * Pixels count from 0: the middle of the first pixel is (0, 0). Sky is (right ascension, declination) in ICRS, degrees,
 * whatever the header's own frame.
 */
import { ArcletError } from "../foundation/errors.ts";
import { type CelestialFrame, frameOf } from "./celestial-frame.ts";
import { door, type NativeAxes, nativeCall } from "./door.ts";
import type { Header } from "./fits-header.ts";

const forgotten = new FinalizationRegistry<number>((system) => door().closeWcs(system));

/** World coordinates of an image, by WCSLIB. */
export class Wcs {
  /** RADESYS, e.g. `ICRS`; empty if the header has none. */
  readonly frame: string;
  readonly #where: string;
  readonly #celestial: CelestialFrame;
  readonly #linear: number;
  #system: number;

  /**
   * @param where the file, for errors
   * @throws ArcletError when the header has no celestial coordinates on its first two axes, or in an unknown frame
   */
  constructor(header: Header, where: string) {
    const opened = nativeCall(
      where,
      // WCSLIB's cards are ASCII; a comment in another encoding must not change their length.
      () => door().wcs(header.text.replace(/[^ -~]/g, " ")),
      (reason) => `world coordinates: ${reason}`,
    );
    this.#where = where;
    this.#system = opened.system;
    this.#linear = opened.linear;
    this.frame = opened.frame;
    forgotten.register(this, opened.system, this);
    const celestial = celestialOf(opened);
    if (celestial === null) this.close();
    this.#celestial = celestial ?? unknownFrame(opened, where);
  }

  /** Pixels (x, y, x, y, …) → (ra, dec, ra, dec, …), degrees; NaN off the projection. */
  toSky(pixels: Float64Array): Float64Array {
    return this.#celestial.toIcrs(nativeCall(this.#where, () => door().toSky(this.#system, pixels)));
  }
  /** (ra, dec, …), degrees → pixels (x, y, …); NaN off the projection. */
  toPixels(sky: Float64Array): Float64Array {
    const own = this.#celestial.fromIcrs(sky);
    return nativeCall(this.#where, () => door().toPixels(this.#system, own));
  }

  /**
   * Side of the pixel at (x, y), arcsec: the square root of its area, distortions included.
   *
   * @throws ArcletError when it contradicts the header's linear terms
   */
  pixelScale(x: number, y: number): number {
    const side = sideOf(this.toSky(Float64Array.from([x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5])));
    if (contradicts(side, this.#linear))
      throw new ArcletError({
        where: this.#where,
        code: "broken",
        problem: `world coordinates: its pixels are ${arcsec(side)} arcsec on the sky at x ${x}, y ${y}, but ${arcsec(this.#linear)} by its linear terms (CD, or CDELT and PC)`,
        fix: "correct the reference point, or the PV cards",
      });
    return side;
  }

  /** Frees WCSLIB's memory; calling it again does nothing. */
  close(): void {
    forgotten.unregister(this);
    if (this.#system !== 0) door().closeWcs(this.#system);
    this.#system = 0;
  }
  /** `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

const arcsec = (side: number) => String(Number(side.toPrecision(3)));

/** The frame of a header's axes; null if it isn't known. */
export const celestialOf = (axes: NativeAxes): CelestialFrame | null =>
  frameOf({ ...axes, longitude: axes.longitude.trim() });

function unknownFrame({ longitude, frame, equinox }: NativeAxes, where: string): never {
  const stated = [
    frame.trim() && `RADESYS ${frame.trim()}`,
    Number.isFinite(equinox) && `EQUINOX ${equinox}`,
  ];
  throw new ArcletError({
    where,
    code: "unsupported",
    problem: `world coordinates are in ${[longitude.trim(), ...stated].filter(Boolean).join(", ")}, which can't be turned to ICRS`,
    fix: "RA and DEC in ICRS, FK5 or FK4, GLON, SLON and ELON can be",
  });
}

/** By how much a pixel may be larger or smaller than its linear terms: projections of the whole sky stretch much. */
const MOST_STRETCH = 100;

/** Whether a pixel's side on the sky can't be, by the linear terms; arcsec. */
export const contradicts = (side: number, linear: number): boolean =>
  Number.isFinite(side) && linear > 0 && !(side > linear / MOST_STRETCH && side < linear * MOST_STRETCH);

/**
 * Side of a pixel, arcsec, from the sky half a pixel to its left, right, below and above: the square root of its area.
 * Measured between directions in space, so that it holds at the poles.
 */
export function sideOf(sky: Float64Array): number {
  const [left, right, below, above] = [0, 2, 4, 6].map((k) => direction(sky[k]!, sky[k + 1]!)) as [
    Direction,
    Direction,
    Direction,
    Direction,
  ];
  const [a, b] = [between(left, right), between(below, above)];
  const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return (3600 * Math.sqrt(Math.hypot(...cross))) / RADIANS;
}

/** How pixels lie on the sky. */
export interface PixelAxes {
  /** Position angle of the y axis, degrees from north through east. */
  angle: number;
  /** Whether the x axis runs east if y runs north. */
  mirrored: boolean;
}

/**
 * How pixels lie on the sky.
 *
 * @param sky of a pixel's middle, and half a pixel to its left, right, below and above: (ra, dec, …), degrees
 * @returns null if any is unknown, or the pixel has no area
 */
export function axesFrom(sky: Float64Array): PixelAxes | null {
  if (!sky.every(Number.isFinite)) return null;
  const at = (k: number) => direction(sky[2 * k]!, sky[2 * k + 1]!);
  const [a, d] = [sky[0]! * RADIANS, sky[1]! * RADIANS];
  const toEast: Direction = [-Math.sin(a), Math.cos(a), 0];
  const toNorth: Direction = [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)];
  const [across, up] = [between(at(1), at(2)), between(at(3), at(4))];
  const dot = (u: Direction, v: Direction) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const area = dot(across, toEast) * dot(up, toNorth) - dot(up, toEast) * dot(across, toNorth);
  if (area === 0) return null;
  return { angle: Math.atan2(dot(up, toEast), dot(up, toNorth)) / RADIANS, mirrored: area > 0 };
}

const RADIANS = Math.PI / 180;

/** A direction as a unit vector. */
export type Direction = [number, number, number];
const direction = (ra: number, dec: number): Direction => {
  const [a, d] = [ra * RADIANS, dec * RADIANS];
  return [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)];
};
const between = (from: Direction, to: Direction): Direction => [
  to[0] - from[0],
  to[1] - from[1],
  to[2] - from[2],
];
