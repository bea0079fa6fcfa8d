/** The magnitude of one unit of flux, by a header's cards. */
import type { Header } from "../../sky/fits-header.ts";
import { type HeaderNumber, zeroPointOf } from "../../sky/measure/frame.ts";

/** Prefixes of the keywords that an import reads. */
export const HEADER_KEYS = [
  ...["MZP_AB", "MAGZERO", "MAGZP", "PHOTZP", "ZEROPNT", "ZEROPOIN", "ZPT", "ZP  ", "FLUXMAG0"],
  ...["PHOTFLAM", "PHOTPLAM", "BUNIT", "FILT", "BAND", "SATURATE", "SATLEVEL", "PIXSCAL", "PIXAR_"],
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

/** Janskys in units of their prefix. */
const PREFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};
/** Square arcseconds in a steradian. */
const ARCSEC2 = (648000 / Math.PI) ** 2;

/** A surface brightness, `MJy/sr`, `mJy arcsec-2`, `Jy.sr**-1`. */
const BRIGHTNESS =
  /^([nuµμmkMG]?)Jy[\s.*]*(?:\/\s*(sr|steradian|arcsec(?:\^|\*\*)?2)|(sr(?:\^|\*\*)?-1|arcsec(?:\^|\*\*)?-2))$/;

/**
 * The AB magnitude of one unit of a surface brightness (BUNIT) in a pixel, whose area is PIXAR_SR or PIXAR_A2, or follows
 * from the pixel scale: these are taken if the cards are off by more than 5 %, as after resampling.
 *
 * @param pixelScale by the world coordinates, arcsec
 * @returns undefined if BUNIT is none, or no area is known
 */
export function zeroPointByArea(header: Header, pixelScale: number | undefined): HeaderNumber | undefined {
  const unit = header.string("BUNIT")?.trim() ?? "";
  const [, prefix, per, power] = BRIGHTNESS.exec(unit) ?? [];
  if (prefix === undefined) return undefined;
  const [steradians, squareArcsec] = [header.number("PIXAR_SR"), header.number("PIXAR_A2")];
  const card = steradians !== undefined ? "PIXAR_SR" : "PIXAR_A2";
  const stated = steradians !== undefined ? steradians * ARCSEC2 : squareArcsec;
  const measured = pixelScale === undefined ? undefined : pixelScale ** 2;
  const holds = stated !== undefined && stated > 0;
  const agree = holds && (measured === undefined || Math.abs(stated / measured - 1) <= 0.05);
  const area = agree ? stated : (measured ?? (holds ? stated : undefined));
  if (area === undefined) return undefined;
  const units = (per ?? power)!.startsWith("arcsec") ? area : area / ARCSEC2;
  const value = 2.5 * Math.log10(3631 / (PREFIXES[prefix]! * units));
  return { value, card: `BUNIT ${unit} and ${agree ? card : "the pixel scale"}` };
}

/** The level from which a pixel is saturated. */
export const saturationBy = (header: Header): number | undefined =>
  header.number("SATURATE") ?? header.number("SATLEVEL");

/** The factor from fluxes of one zero point to those of another. */
export const fluxRatio = (from: number, to: number): number => 10 ** (0.4 * (to - from));
