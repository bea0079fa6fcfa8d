/** The magnitude of one unit of flux, by a header's cards. */
import type { Header } from "../../sky/fits-header.ts";
import { type HeaderNumber, zeroPointOf } from "../../sky/measure/frame.ts";

/** Prefixes of the keywords that an import reads. */
export const HEADER_KEYS = [
  ...["MZP_AB", "MAGZERO", "MAGZP", "PHOTZP", "ZEROPNT", "ZEROPOIN", "ZPT", "ZP  ", "FLUXMAG0"],
  ...["PHOTFLAM", "PHOTPLAM", "BUNIT", "FILT", "BAND", "SATURATE", "SATLEVEL", "PIXSCAL"],
];

/** AB zero points of units of flux density: nanomaggies by their definition, janskys by 3631 Jy = 0 mag. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(nano-?magg(y|ies)|nmgy)$/i, 22.5],
  [/^(maggy|maggies)$/i, 0],
  [/^jy$/i, 2.5 * Math.log10(3631)],
  [/^mJy$/, 2.5 * Math.log10(3631e3)],
  [/^(uJy|µJy|microJy|microjansky)$/i, 2.5 * Math.log10(3631e6)],
  [/^(nJy|nanojansky)$/i, 2.5 * Math.log10(3631e9)],
];

/** The AB magnitude of one unit of flux: by a card of its own, or else by the unit. */
export function zeroPointBy(header: Header): HeaderNumber | undefined {
  const stated = zeroPointOf({ header });
  if (stated !== undefined) return stated;
  const unit = header.string("BUNIT")?.trim() ?? "";
  const known = UNITS.find(([pattern]) => pattern.test(unit));
  return known && { value: known[1], card: `BUNIT ${unit}` };
}

/** The level from which a pixel is saturated. */
export const saturationBy = (header: Header): number | undefined =>
  header.number("SATURATE") ?? header.number("SATLEVEL");

/** The factor from fluxes of one zero point to those of another. */
export const fluxRatio = (from: number, to: number): number => 10 ** (0.4 * (to - from));
