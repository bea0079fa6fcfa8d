/**
 * World coordinates (Greisen & Calabretta 2002, A&A 395, 1061; Calabretta & Greisen 2002, A&A 395, 1077), by WCSLIB.
 * Pixels count from 0: the middle of the first pixel is (0, 0). Sky is (right ascension, declination), degrees.
 */
import { refuse } from "../foundation/errors.ts";
import { door, nativeCall } from "./door.ts";
import type { Header } from "./fits-header.ts";

const forgotten = new FinalizationRegistry<number>((system) => door().closeWcs(system));

export class Wcs {
  /** RADESYS, e.g. `ICRS`; empty if the header has none. */
  readonly frame: string;
  readonly #where: string;
  #system: number;

  /**
   * @param where the file, for errors
   * @throws ArcletError when the header has no RA and Dec on its first two axes
   */
  constructor(header: Header, where: string) {
    const opened = nativeCall(
      where,
      () => door().wcs(header.text),
      (reason) => `world coordinates: ${reason}`,
    );
    this.#where = where;
    this.#system = opened.system;
    this.frame = opened.frame;
    forgotten.register(this, opened.system, this);
    if (opened.longitude.trim() !== "RA") {
      this.close();
      refuse(where, "world coordinates", "RA and DEC", opened.longitude.trim(), "unsupported");
    }
  }

  /** Pixels (x, y, x, y, …) → (ra, dec, ra, dec, …), degrees; NaN off the projection. */
  toSky(pixels: Float64Array): Float64Array {
    return nativeCall(this.#where, () => door().toSky(this.#system, pixels));
  }
  /** (ra, dec, …), degrees → pixels (x, y, …); NaN off the projection. */
  toPixels(sky: Float64Array): Float64Array {
    return nativeCall(this.#where, () => door().toPixels(this.#system, sky));
  }

  /** Side of the pixel at (x, y), arcsec: the square root of its area, distortions included. */
  pixelScale(x: number, y: number): number {
    return sideOf(this.toSky(Float64Array.from([x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5])));
  }

  close(): void {
    forgotten.unregister(this);
    if (this.#system !== 0) door().closeWcs(this.#system);
    this.#system = 0;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Side of a pixel, arcsec, from the sky half a pixel to its left, right, below and above: the square root of its area. */
export function sideOf(sky: Float64Array): number {
  const [a, b] = [step(sky, 0), step(sky, 4)];
  return 3600 * Math.sqrt(Math.abs(a.ra * b.dec - a.dec * b.ra));
}

/** From one sky position to the next, degrees along each axis. */
function step(sky: Float64Array, offset: number): { ra: number; dec: number } {
  const [ra0, dec0, ra1, dec1] = sky.subarray(offset, offset + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const turn = ((ra1 - ra0 + 540) % 360) - 180; // RA may pass 360°
  const dec = (dec0 + dec1) / 2;
  return { ra: turn * Math.cos((dec * Math.PI) / 180), dec: dec1 - dec0 };
}
