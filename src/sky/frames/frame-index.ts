/** What frames there are and which part of the sky each holds, by their headers alone. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import { FitsFile } from "../fits.ts";
import { bandOf, zeroPointOf } from "../measure/frame.ts";
import { Wcs } from "../wcs.ts";
import { merged, planeOf } from "./frame-image.ts";

export interface IndexedFrame {
  path: string;
  hdu: number;
  band: string;
  width: number;
  height: number;
  /** Side of a pixel in the middle, arcsec. */
  pixelScale: number;
  /** Position angle of the y axis in the middle, degrees from north by east. */
  angle: number;
  /** Whether the x axis runs east where y runs north. */
  mirrored: boolean;
  /** AB magnitude of one flux unit; null where the header does not tell. */
  zeroPoint: number | null;
}

export interface IndexOptions {
  bands: readonly string[];
  /** A file's name with `{band}` for the band and `*` for anything; null: the band is FILTER's. */
  pattern: string | null;
  /** EXTNAME or place; all images that are not called weights, masks or errors where left out. */
  hdu?: string | number | undefined;
}

/** EXTNAMEs of what stands beside an image: masks, variances, weights, data quality, exposure maps. */
const BESIDE =
  /^(mask|msk|var(iance)?|weight|wht|wt|err(or)?|rms|sigma|unc|i(nv)?var|dq|flags?|ctx|con|exp(time)?|nexp|chi2|psf.*|seg.*|bkg|sky)$/i;

/** Files and those of folders within, in the order of their names. @throws ArcletError when one is not there */
export function frameFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    if (!guarded(path, () => statSync(path)).isDirectory()) return [path];
    const names = guarded(path, () => readdirSync(path, { recursive: true })) as string[];
    const found = names.filter((name) => /\.(fits?|fts)(\.gz|\.fz)?$/i.test(name)).sort();
    if (found.length === 0)
      throw new ArcletError({ where: path, code: "empty", problem: "holds no FITS file" });
    return found.map((name) => join(path, name));
  });
  return [...new Set(files)];
}

/**
 * The frames of one file. Its images of other bands are none of ours.
 *
 * @param visit is called for each with its coordinates, which are closed afterwards
 * @throws ArcletError when the file can't be read, has no image with world coordinates, or its band is not known
 */
export function indexFile(
  path: string,
  options: IndexOptions,
  visit: (frame: IndexedFrame, wcs: Wcs) => void,
): void {
  const named = options.pattern === null ? null : bandByName(path, options.pattern, options.bands);
  if (options.pattern !== null && named === null) return;
  const file = new FitsFile(path);
  try {
    const places = imagesOf(file, options.hdu);
    for (const hdu of places) {
      const header = merged(file, hdu);
      const band = named ?? bandOf({ header }) ?? header.string("FILTER")?.trim();
      if (band === undefined)
        throw new ArcletError({
          where: path,
          code: "missing",
          problem: "no FILTER card names its band",
          fix: "give a pattern with {band}",
        });
      if (!options.bands.includes(band)) continue;
      const [height, width] = planeOf(file.hdus[hdu]!)!;
      const wcs = new Wcs(file.header(hdu), path);
      try {
        const axes = axesOf(wcs, (width - 1) / 2, (height - 1) / 2);
        if (axes === null)
          throw new ArcletError({
            where: path,
            code: "broken",
            problem: "its world coordinates can't be computed",
          });
        const zeroPoint = zeroPointOf({ header })?.value ?? null;
        visit({ path, hdu, band, width, height, zeroPoint, ...axes }, wcs);
      } finally {
        wcs.close();
      }
    }
  } finally {
    file.close();
  }
}

function imagesOf(file: FitsFile, hdu: string | number | undefined): number[] {
  if (hdu !== undefined) {
    const place = file.find(hdu);
    if (planeOf(file.hdus[place]!) === null)
      refuse(file.name, "image", "one plane (height, width)", file.hdus[place]!.shape);
    return [place];
  }
  const found = file.hdus.flatMap((one, k) => {
    const plane = one.kind === "image" ? planeOf(one) : null;
    const usable = plane !== null && !plane.includes(0) && !BESIDE.test(one.name);
    return usable && file.header(k).get("CTYPE1") !== undefined ? [k] : [];
  });
  if (found.length === 0)
    throw new ArcletError({
      where: file.name,
      code: "empty",
      problem: "holds no image with world coordinates",
    });
  return found;
}

function bandByName(path: string, pattern: string, bands: readonly string[]): string | null {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const choice = [...bands].sort((a, b) => b.length - a.length).map((band) => literal(band));
  const expression = pattern
    .split("{band}")
    .map(literal)
    .join(`(${choice.join("|")})`);
  return new RegExp(`^${expression}$`).exec(basename(path))?.[1] ?? null;
}

/** Scale, position angle and parity of a frame about a pixel; null where the coordinates fail. */
export function axesOf(
  wcs: Wcs,
  x: number,
  y: number,
): Pick<IndexedFrame, "pixelScale" | "angle" | "mirrored"> | null {
  const sky = wcs.toSky(Float64Array.from([x, y, x + 1, y, x, y + 1]));
  if (!sky.every(Number.isFinite)) return null;
  const [ra, dec] = sky as unknown as [number, number];
  const east = (k: number) =>
    (((sky[2 * k]! - ra + 540) % 360) - 180) * Math.cos((dec * Math.PI) / 180) * 3600;
  const north = (k: number) => (sky[2 * k + 1]! - dec) * 3600;
  const area = east(1) * north(2) - east(2) * north(1);
  return {
    pixelScale: Math.sqrt(Math.abs(area)),
    angle: (Math.atan2(east(2), north(2)) * 180) / Math.PI,
    mirrored: area > 0,
  };
}
