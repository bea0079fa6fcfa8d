/** Many small FITS files read whole in the background: all their images, and the requested cards. */

import { ArcletError } from "../foundation/errors.ts";
import { door, type NativePart } from "./door.ts";
import { FitsFile, type Region } from "./fits.ts";
import { Header } from "./fits-header.ts";
import { axesFrom, celestialOf, contradicts, type PixelAxes, sideOf, Wcs } from "./wcs.ts";

/**
 * An image of a file with part of its header: HDU, EXTNAME, bits per pixel as stored, shape (slowest axis first), pixels
 * row-major with NaN where blank, the requested cards (80 characters each), and the sky position of its middle if it has
 * world coordinates.
 */
export type FitsPart = Omit<NativePart, "axes"> & {
  /** Side of a pixel in the middle, arcsec, by the world coordinates. */
  pixelScale?: number;
  /** How it lies on the sky in its middle, by the world coordinates. */
  axes?: PixelAxes;
};

function axesOf(sky: Float64Array): Pick<FitsPart, "axes"> {
  const axes = axesFrom(sky);
  return axes === null ? {} : { axes };
}

/** A part with its sky in ICRS, and its pixel scale; neither if the coordinates are in no known frame or degenerate. */
function onSky({ sky, axes, ...part }: NativePart): FitsPart {
  const frame = axes === undefined ? null : celestialOf(axes);
  if (sky === undefined || axes === undefined) return part;
  const side = sideOf(sky.subarray(2));
  if (contradicts(side, axes.linear)) return part;
  const scale = side > 0 && Number.isFinite(side) ? { pixelScale: side } : {};
  if (frame === null) return { ...part, ...scale };
  const known = frame.toIcrs(sky);
  return { ...part, ...scale, sky: known, ...axesOf(known) };
}

/** Keywords of world coordinates, SIP and other distortions included. */
const WCS_KEYS =
  "NAXIS WCSAXES CTYPE CRVAL CRPIX CDELT CUNIT CROTA CD1_ CD2_ PC1_ PC2_ PV RADE EQUINOX EPOCH LONPOLE LATPOLE"
    .concat(" A_ B_ AP_ BP_ WAT")
    .split(" ");

/** Larger files, and gzipped ones, are not read here. */
const MOST_BATCH_BYTES = 2 ** 25;

/**
 * @param keys cards are returned whose keywords begin with one of these
 * @returns for each path its first HDU and its images, in order; or the error that refused the file; or null if the file
 *   is large or gzipped and must be opened by `FitsFile`
 */
export async function readFitsFiles(
  paths: readonly string[],
  keys: readonly string[],
): Promise<(FitsPart[] | ArcletError | null)[]> {
  const sky = door();
  if (!sky.isReentrant()) return paths.map(() => null);
  const read = await sky.readFiles(paths, keys, WCS_KEYS, MOST_BATCH_BYTES);
  return read.map((entry, k) => {
    if (entry === null) return null;
    if (Array.isArray(entry)) return entry.map(onSky);
    return new ArcletError({ where: paths[k]!, code: entry.code, problem: entry.text });
  });
}

/** Cards of 80 characters whose keywords begin with one of `keys`. */
function cardsOf(text: string, keys: readonly string[]): string {
  let kept = "";
  for (let at = 0; at + 80 <= text.length; at += 80)
    if (keys.some((key) => text.startsWith(key, at))) kept += text.slice(at, at + 80);
  return kept;
}

/**
 * The same for one file of any size; of each image only the chosen region is read, and the region's size is its shape.
 *
 * @param choose returns the region to read of an image of this shape, or null to leave it out
 * @throws ArcletError naming the file
 */
export function readFitsFile(
  path: string,
  keys: readonly string[],
  choose: (shape: readonly number[]) => Region | null,
): FitsPart[] {
  const file = new FitsFile(path);
  try {
    return file.hdus.flatMap((hdu, k) => {
      const empty = hdu.kind !== "image" || hdu.shape.length === 0 || hdu.shape.includes(0);
      const region = empty ? null : choose(hdu.shape);
      if (region === null && k > 0) return [];
      const { text } = file.header(k);
      const about = {
        hdu: k,
        name: hdu.name,
        version: hdu.version,
        bitpix: hdu.bitpix,
        cards: cardsOf(text, keys),
      };
      if (region === null) return [{ ...about, shape: [], data: new Float32Array(0) }];
      return [
        { ...about, shape: [...region.size], data: file.read(k, region), ...skyAt(file.header(k), region) },
      ];
    });
  } finally {
    file.close();
  }
}

/** Sky positions of a region's middle and of half a pixel to each side, and the pixel scale there. */
function skyAt(header: Header, { first, size }: Region): Pick<FitsPart, "sky" | "pixelScale" | "axes"> {
  if (header.get("CTYPE1") === undefined || size.length < 2) return {};
  const [y, x] = [2, 1].map((k) => first.at(-k)! + (size.at(-k)! - 1) / 2) as [number, number];
  try {
    const wcs = new Wcs(header, "image");
    try {
      const sky = wcs.toSky(Float64Array.from([x, y, x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5]));
      return { sky, pixelScale: wcs.pixelScale(x, y), ...axesOf(sky) };
    } finally {
      wcs.close();
    }
  } catch (error) {
    // Coordinates that can't be read count as none.
    if (error instanceof ArcletError) return {};
    throw error;
  }
}

/** A header of these cards alone. */
export const headerOf = (cards: string): Header => new Header(cards);
