/** A synthetic survey frame of known properties, to be measured. */
import { Draws } from "../../src/foundation/random.ts";
import { writeFits } from "../../src/sky/fits.ts";
import type { CardValue } from "../../src/sky/fits-header.ts";

export const SIZE = 400;
export const SIGMA = 2.5;
export const FWHM = 4.2;
export const BETA = 3;
export const HEADER: Record<string, CardValue> = {
  FILTER: "r.MP9601",
  MAGZERO: 27,
  GAIN: 40,
  SATURATE: 30000,
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRVAL1: 30,
  CRVAL2: -5,
  CRPIX1: 200,
  CRPIX2: 200,
  CD1_1: -5.5e-5,
  CD1_2: 0,
  CD2_1: 0,
  CD2_2: 5.5e-5,
};

/** A Moffat of unit peak. */
export const moffat = (r2: number, fwhm: number, beta: number) =>
  (1 + (4 * r2 * (2 ** (1 / beta) - 1)) / fwhm ** 2) ** -beta;

/** Stars, larger galaxies and a saturated star on noise; optionally smoothed along rows, as by a bilinear half-pixel shift. */
export function writeFrame(
  path: string,
  { header = {}, stars = 12, smooth = false, level = 100 } = {},
): string {
  const d = new Draws(11);
  const white = Float64Array.from({ length: SIZE * SIZE }, () => d.normal(0, SIGMA));
  const data = Float32Array.from(white, (value, i) =>
    smooth && i % SIZE > 0 ? level + (value + white[i - 1]!) * Math.SQRT1_2 : level + value,
  );
  const add = (x: number, y: number, peak: number, fwhm: number, beta: number, saturation = Infinity) => {
    for (let v = Math.max(0, Math.floor(y) - 40); v < Math.min(SIZE, y + 40); v++)
      for (let u = Math.max(0, Math.floor(x) - 40); u < Math.min(SIZE, x + 40); u++) {
        const value = data[v * SIZE + u]! + peak * moffat((u - x) ** 2 + (v - y) ** 2, fwhm, beta);
        data[v * SIZE + u] = Math.min(saturation, value);
      }
  };
  const coordinate = () => d.uniform(30, SIZE - 30);
  for (let k = 0; k < stars; k++) add(coordinate(), coordinate(), d.logUniform(200, 5000), FWHM, BETA);
  for (let k = 0; k < 14; k++)
    add(coordinate(), coordinate(), d.logUniform(80, 800), FWHM * d.uniform(1.4, 3), 2);
  add(60, 60, 90000, FWHM, BETA, 30000);
  writeFits(path, [
    { data, shape: [SIZE, SIZE], header: { ...HEADER, ...header } as Record<string, CardValue> },
  ]);
  return path;
}
