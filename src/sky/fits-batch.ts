/** Many small FITS files read whole at once, while JavaScript does other work: all their images, and the cards asked for. */

import { ArcletError } from "../foundation/errors.ts";
import { door, type NativePart } from "./door.ts";
import { FitsFile, type Region } from "./fits.ts";
import { Header } from "./fits-header.ts";
import { Wcs } from "./wcs.ts";

/**
 * An image of a file, with the part of its header that is wanted: place, EXTNAME, bits a pixel as stored, shape (slowest
 * axis first), pixels row-major with NaN where blank, the cards asked for, 80 characters each, and the sky in its middle where
 * its world coordinates say it.
 */
export type FitsPart = NativePart;

/** What world coordinates stand on, SIP's and other distortions among it. */
const WCS_KEYS =
  "NAXIS WCSAXES CTYPE CRVAL CRPIX CDELT CUNIT CROTA CD1_ CD2_ PC1_ PC2_ PV RADE EQUINOX LONPOLE LATPOLE"
    .concat(" A_ B_ AP_ BP_ WAT")
    .split(" ");

/** Files beyond this, and gzipped ones, are not read here. */
export const MOST_BATCH_BYTES = 2 ** 25;

/**
 * @param keys beginnings of the keywords whose cards are wanted
 * @returns for each path its first HDU and its images, in their order; the error by which the file was refused; or null: the
 *   file is large or gzipped, and to be opened by `FitsFile`
 */
export async function readFitsFiles(
  paths: readonly string[],
  keys: readonly string[],
): Promise<(FitsPart[] | ArcletError | null)[]> {
  const sky = door();
  if (!sky.isReentrant()) return paths.map(() => null);
  const read = await sky.readFiles(paths, keys, WCS_KEYS, MOST_BATCH_BYTES);
  return read.map((one, k) => {
    if (one === null || Array.isArray(one)) return one;
    return new ArcletError({ where: paths[k]!, code: one.code, problem: one.text });
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
 * The same of one file of any size: of each image the region that is chosen, which is its shape then.
 *
 * @param choose gives the region to read of an image of that shape, or null to leave it out
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
      const about = { hdu: k, name: hdu.name, bitpix: hdu.bitpix, cards: cardsOf(text, keys) };
      if (region === null) return [{ ...about, shape: [], data: new Float32Array(0) }];
      const sky = skyAt(file.header(k), region);
      return [
        {
          ...about,
          shape: [...region.size],
          data: file.read(k, region),
          ...(sky === undefined ? {} : { sky }),
        },
      ];
    });
  } finally {
    file.close();
  }
}

/** The sky in a region's middle and half a pixel about it. */
function skyAt(header: Header, { first, size }: Region): Float64Array | undefined {
  if (header.get("CTYPE1") === undefined || size.length < 2) return undefined;
  const [y, x] = [2, 1].map((k) => first.at(-k)! + (size.at(-k)! - 1) / 2) as [number, number];
  try {
    const wcs = new Wcs(header, "image");
    try {
      return wcs.toSky(Float64Array.from([x, y, x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5]));
    } finally {
      wcs.close();
    }
  } catch (error) {
    // Coordinates that can't be read are none.
    if (error instanceof ArcletError) return undefined;
    throw error;
  }
}

/** A header of these cards alone. */
export const headerOf = (cards: string): Header => new Header(cards);
