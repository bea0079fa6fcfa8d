/** A frame of one band: its pixels, and what its header says about them. */
import { refuse } from "../../foundation/errors.ts";
import { FitsFile } from "../fits.ts";
import type { Header } from "../fits-header.ts";
import { Wcs } from "../wcs.ts";

export interface Frame {
  path: string;
  header: Header;
  /** (height × width), row-major. */
  data: Float32Array;
  width: number;
  height: number;
}

type Headed = Pick<Frame, "header">;

/** A number from a header, and its card. */
export interface HeaderNumber {
  value: number;
  card: string;
}

/** @throws ArcletError naming the file when it holds no single-plane image, or one too small to measure */
export function readFrame(path: string): Frame {
  const file = new FitsFile(path);
  try {
    const hdu = file.find();
    const shape = file.hdus[hdu]!.shape.filter((side, k, all) => side !== 1 || k >= all.length - 2);
    if (shape.length !== 2) refuse(path, "image", "one plane (height, width)", file.hdus[hdu]!.shape);
    const [height, width] = shape as [number, number];
    if (Math.min(height, width) < 64) refuse(path, "image", "at least 64 pixels a side", shape);
    return { path, header: file.header(hdu), data: file.read(hdu), width, height };
  } finally {
    file.close();
  }
}

/** Side of a pixel at the frame's middle, arcsec; undefined if the header has no world coordinates. */
export function pixelScaleOf({ header, width, height, path }: Frame): number | undefined {
  if (header.get("CTYPE1") === undefined) return undefined;
  const wcs = new Wcs(header, path);
  try {
    return wcs.pixelScale((width - 1) / 2, (height - 1) / 2);
  } finally {
    wcs.close();
  }
}

/** Cards with the AB magnitude of one flux unit, as surveys and tools write them; the most reliable first. */
const ZERO_POINTS = [
  "MZP_AB",
  "MAGZERO",
  "MAGZEROP",
  "MAGZPT",
  "MAGZP",
  "PHOTZP",
  "ZEROPNT",
  "ZEROPOIN",
  "ZPT",
  "ZP",
] as const;

/** The zero point that the header states: a card of its own, HSC's FLUXMAG0, or HST's PHOTFLAM and PHOTPLAM. */
export function zeroPointOf({ header }: Headed): HeaderNumber | undefined {
  for (const card of ZERO_POINTS) {
    const value = header.number(card);
    if (value !== undefined) return { value, card };
  }
  const flux = header.number("FLUXMAG0");
  if (flux !== undefined && flux > 0) return { value: 2.5 * Math.log10(flux), card: "FLUXMAG0" };
  const [density, pivot] = [header.number("PHOTFLAM"), header.number("PHOTPLAM")];
  // ACS Data Handbook, section 5.1
  if (density !== undefined && density > 0 && pivot !== undefined && pivot > 0)
    return { value: -2.5 * Math.log10(density) - 5 * Math.log10(pivot) - 2.408, card: "PHOTFLAM" };
  return undefined;
}

/** The first positive number among these cards. */
export function positiveCard({ header }: Headed, cards: readonly string[]): HeaderNumber | undefined {
  for (const card of cards) {
    const value = header.number(card);
    if (value !== undefined && value > 0) return { value, card };
  }
  return undefined;
}

/** The band's short name, from `g.MP9401`, `HSC-G`, `OCAM_g_SDSS`, `F814W`; undefined if no card gives it. */
export function bandOf({ header }: Headed): string | undefined {
  for (const card of ["FILTER", "BAND", "FILTER2", "FILTER1", "FILT_ID", "FILTNAM"]) {
    const text = header.string(card)?.trim();
    if (text === undefined || /^(clear|none)/i.test(text)) continue;
    if (/^F\d{3,4}[WMNX]+$/i.test(text)) return text.toUpperCase();
    if (/\bVIS\b/i.test(text)) return "VIS";
    const letter = text.split(/[^A-Za-z]/).find((part) => /^[ugrizyUGRIZY]$/.test(part));
    if (letter !== undefined) return letter === "Y" && !/^HSC/i.test(text) ? "Y" : letter.toLowerCase();
  }
  return undefined;
}
