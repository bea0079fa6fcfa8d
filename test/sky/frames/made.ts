/** Frames of known sources at known sky positions; the projection is computed here, not by WCSLIB. */
import { Draws } from "../../../src/foundation/random.ts";
import { type FitsOutput, writeFits } from "../../../src/sky/fits.ts";
import type { CardValue } from "../../../src/sky/fits-header.ts";

export interface MadeSource {
  ra: number;
  dec: number;
  flux: number;
  /** Of a round Gaussian, arcsec. */
  sigma: number;
}

export interface Made {
  width: number;
  height: number;
  /** Arcsec per pixel. */
  scale: number;
  /** Of the middle, degrees. */
  ra: number;
  dec: number;
  /** Position angle of the y axis, degrees from north through east. */
  angle: number;
  sky: number;
  noise: number;
  seed: number;
  sources: readonly MadeSource[];
  header: Record<string, CardValue>;
}

const RADIANS = Math.PI / 180;

export const defaults: Made = {
  width: 200,
  height: 160,
  scale: 0.2,
  ra: 150.1,
  dec: 2.2,
  angle: 0,
  sky: 10,
  noise: 1,
  seed: 3,
  sources: [],
  header: { FILTER: "g", MAGZERO: 27 },
};

/** A sky position in pixels from 0, by a rotated gnomonic projection. */
export function pixelOf(made: Made, ra: number, dec: number): [number, number] {
  const [a, d, d0] = [(ra - made.ra) * RADIANS, dec * RADIANS, made.dec * RADIANS];
  const depth = Math.sin(d) * Math.sin(d0) + Math.cos(d) * Math.cos(d0) * Math.cos(a);
  const east = (Math.cos(d) * Math.sin(a)) / depth / RADIANS;
  const north = (Math.sin(d) * Math.cos(d0) - Math.cos(d) * Math.sin(d0) * Math.cos(a)) / depth / RADIANS;
  const turn = made.angle * RADIANS;
  const along = east * Math.cos(turn) - north * Math.sin(turn); // to the left of the y axis
  const up = east * Math.sin(turn) + north * Math.cos(turn);
  const side = made.scale / 3600;
  return [(made.width - 1) / 2 - along / side, (made.height - 1) / 2 + up / side];
}

/** The sky position of a pixel near the middle: the inverse of `pixelOf`, by Newton's method. */
export function skyOf(made: Made, x: number, y: number): [number, number] {
  let [ra, dec] = [made.ra, made.dec];
  const h = 1e-5;
  for (let pass = 0; pass < 6; pass++) {
    const [u, v] = pixelOf(made, ra, dec);
    const [ua, va] = pixelOf(made, ra + h, dec);
    const [ud, vd] = pixelOf(made, ra, dec + h);
    const [a, b, c, d] = [(ua - u) / h, (ud - u) / h, (va - v) / h, (vd - v) / h];
    const det = a * d - b * c;
    ra += (d * (x - u) - b * (y - v)) / det;
    dec += (a * (y - v) - c * (x - u)) / det;
  }
  return [ra, dec];
}

function pixelsOf(made: Made): Float32Array {
  const { width, height, scale, sky, noise, seed, sources } = made;
  const d = new Draws(seed);
  const data = Float32Array.from(
    { length: width * height },
    () => sky + (noise > 0 ? d.normal(0, noise) : 0),
  );
  for (const { ra, dec, flux, sigma } of sources) {
    const [x, y] = pixelOf(made, ra, dec);
    const s = sigma / scale;
    const reach = Math.ceil(7 * s);
    for (let v = Math.max(0, Math.floor(y) - reach); v < Math.min(height, y + reach); v++)
      for (let u = Math.max(0, Math.floor(x) - reach); u < Math.min(width, x + reach); u++)
        data[v * width + u]! +=
          (flux / (2 * Math.PI * s * s)) * Math.exp(-0.5 * (((u - x) / s) ** 2 + ((v - y) / s) ** 2));
  }
  return data;
}

export function headerOf({ width, height, scale, ra, dec, angle, header }: Made): Record<string, CardValue> {
  const [c, s] = [Math.cos(angle * RADIANS) * (scale / 3600), Math.sin(angle * RADIANS) * (scale / 3600)];
  return {
    CTYPE1: "RA---TAN",
    CTYPE2: "DEC--TAN",
    CRVAL1: ra,
    CRVAL2: dec,
    CRPIX1: (width + 1) / 2,
    CRPIX2: (height + 1) / 2,
    CD1_1: -c,
    CD1_2: s,
    CD2_1: s,
    CD2_2: c,
    ...header,
  };
}

/** Writes a frame. @param spoil changes the pixels first, e.g. makes a gap */
export function writeMade(
  path: string,
  changes: Partial<Made> = {},
  spoil: (data: Float32Array, made: Made) => void = () => {},
  output: Partial<FitsOutput> = {},
): { made: Made; data: Float32Array } {
  const made = { ...defaults, ...changes };
  const data = pixelsOf(made);
  spoil(data, made);
  writeFits(path, [{ data, shape: [made.height, made.width], header: headerOf(made), ...output }]);
  return { made, data };
}
