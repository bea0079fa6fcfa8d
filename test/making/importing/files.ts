/** Small FITS cutouts for the tests of importing. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FitsOutput, fitsBytes } from "../../../src/sky/fits.ts";

export const SIDE = 8;

/** Image `n` of band `c`: all pixels different within it, and between images. */
export const values = (n: number, c: number, side = SIDE): Float32Array =>
  Float32Array.from({ length: side * side }, (_, p) => 1000 * n + 100 * c + p + 0.25);

/** World coordinates in the TAN projection, the reference point in the middle; scale in arcsec. */
export const world = (scale: number, side = SIDE, ra = 10, dec = -5) => ({
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRVAL1: ra,
  CRVAL2: dec,
  CRPIX1: (side + 1) / 2,
  CRPIX2: (side + 1) / 2,
  CD1_1: -scale / 3600,
  CD1_2: 0,
  CD2_1: 0,
  CD2_2: scale / 3600,
});

export const image = (
  n: number,
  c: number,
  header: FitsOutput["header"] = world(0.2),
  more: Partial<FitsOutput> = {},
): FitsOutput => ({ data: values(n, c), shape: [SIDE, SIDE], header, ...more });

/** Writes a file of these images. */
export function write(folder: string, name: string, images: readonly FitsOutput[]): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fitsBytes(images));
}
