/** An index of frames and their sky coverage, from headers alone. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import { type PatternPart, wildcard } from "../../foundation/wildcard.ts";
import { FitsFile } from "../fits.ts";
import { bandOf, zeroPointOf } from "../measure/frame.ts";
import { axesFrom, Wcs } from "../wcs.ts";
import { merged, planeOf } from "./frame-image.ts";

export interface IndexedFrame {
  path: string;
  hdu: number;
  band: string;
  width: number;
  height: number;
  /** Side of a pixel at the middle, arcsec. */
  pixelScale: number;
  /** Position angle of the y axis at the middle, degrees from north through east. */
  angle: number;
  /** Whether the x axis runs east if y runs north. */
  mirrored: boolean;
  /** AB magnitude of one flux unit; null if the header does not state it. */
  zeroPoint: number | null;
}

export interface IndexOptions {
  bands: readonly string[];
  /** A file name with `{band}` for the band and `*` for anything; null to take the band from FILTER. */
  pattern: string | null;
  /** EXTNAME or HDU number; by default all images except weights, masks and errors. */
  hdu?: string | number | undefined;
}

/** EXTNAMEs of what accompanies an image: masks, variances, weights, data quality, exposure maps. */
const BESIDE =
  /^(mask|msk|var(iance)?|weight|wht|wt|err(or)?|rms|sigma|unc|i(nv)?var|dq|flags?|ctx|con|exp(time)?|nexp|chi2|psf.*|seg.*|bkg|sky)$/i;

/** Files, and those inside folders, sorted by name. @throws ArcletError when a path does not exist */
export function frameFiles(paths: readonly string[]): string[] {
  const files = withCommas(paths).flatMap((path) => {
    if (!guarded(path, () => statSync(path)).isDirectory()) return [path];
    const names = guarded(path, () => readdirSync(path, { recursive: true })) as string[];
    const fits = names.filter((name) => /\.(fits?|fts)(\.gz|\.fz)?$/i.test(name)).sort();
    if (fits.length === 0)
      throw new ArcletError({ where: path, code: "empty", problem: "holds no FITS file" });
    return fits.map((name) => join(path, name));
  });
  return [...new Set(files)];
}

/**
 * A list of names splits at commas, and loses blanks behind them; both may be in a name: parts that are no file are put
 * together again.
 */
function withCommas(parts: readonly string[]): string[] {
  const names: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    let name = parts[i]!;
    if (!existsSync(name))
      for (let end = i + 2; end <= parts.length; end++) {
        const some = parts.slice(i, end);
        const whole = [some.join(","), some.join(", ")].find((path) => existsSync(path));
        if (whole === undefined) continue;
        [name, i] = [whole, end - 1];
        break;
      }
    names.push(name);
  }
  return names;
}

/**
 * The frames of one file. Images of other bands are left out.
 *
 * @param visit called for each with its coordinates, which are closed afterwards
 * @throws ArcletError when the file can't be read, has no image with world coordinates, or its band is unknown
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
    const hdus = imagesOf(file, options.hdu);
    for (const hdu of hdus) {
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
    // The chips of a camera may have one name.
    const found = file.findAll(hdu);
    for (const index of found)
      if (planeOf(file.hdus[index]!) === null)
        refuse(file.name, "image", "one plane (height, width)", file.hdus[index]!.shape, "unsupported");
    return found;
  }
  const hdus = file.hdus.flatMap((info, k) => {
    const plane = info.kind === "image" ? planeOf(info) : null;
    const usable = plane !== null && !plane.includes(0) && !BESIDE.test(info.name);
    return usable && file.header(k).get("CTYPE1") !== undefined ? [k] : [];
  });
  if (hdus.length === 0)
    throw new ArcletError({
      where: file.name,
      code: "empty",
      problem: "holds no image with world coordinates",
    });
  return hdus;
}

function bandByName(path: string, pattern: string, bands: readonly string[]): string | null {
  const options = [...bands].sort((a, b) => b.length - a.length);
  const parts = pattern
    .split(/(\{band\}|\*)/)
    .filter((part) => part !== "")
    .map((part, k, all): PatternPart => {
      if (part === "*") return { kind: "any", name: null, least: 0 };
      if (part !== "{band}") return { kind: "text", text: part };
      return { kind: "choice", name: all.indexOf(part) === k ? "band" : null, options };
    });
  return wildcard(parts, null, "frames")(basename(path))?.band ?? null;
}

/**
 * Scale, position angle and parity of a frame at a pixel; null if its coordinates can't be computed.
 *
 * @throws ArcletError when the scale contradicts the header's linear terms
 */
export function axesOf(
  wcs: Wcs,
  x: number,
  y: number,
): Pick<IndexedFrame, "pixelScale" | "angle" | "mirrored"> | null {
  const sky = wcs.toSky(Float64Array.from([x, y, x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5]));
  const axes = axesFrom(sky);
  return axes === null ? null : { pixelScale: wcs.pixelScale(x, y), ...axes };
}
