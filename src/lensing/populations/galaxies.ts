/**
 * Galaxies as pieces of scenes: their colours, sizes and shapes. Colours g − r and r − i follow the range of
 * early-type galaxies at redshift 0.2 to 0.8 (Eisenstein et al. 2001, AJ 122, 2267) and of blue, star-forming ones;
 * sizes follow Shen et al. (2003, MNRAS 343, 978) loosely. Every number is a parameter of this file alone.
 */
import type { Draws } from "../../foundation/random.ts";
import type { Light } from "../scene.ts";

/** What a population needs to know of the observation. */
export interface Setting {
  /** The bands' names, in order. */
  bands: readonly string[];
  /** Half the cutout's side, arcsec. */
  halfWidth: number;
  /** Median seeing of the sharpest band, arcsec. */
  seeing: number;
}

/** g − r and r − i, AB. */
export interface Colour {
  gr: number;
  ri: number;
}

/** The bands that the colours here speak of. */
export const KNOWN_BANDS = ["g", "r", "i"] as const;

/** Magnitudes in the setting's bands from the i magnitude and colours. */
export function magnitudes(i: number, { gr, ri }: Colour, { bands }: Setting): number[] {
  const known: Record<string, number> = { g: i + ri + gr, r: i + ri, i };
  return bands.map((band) => known[band]!);
}

/** An early type's colours; the redder, the farther. */
export function redColour(d: Draws): Colour {
  const gr = d.clipped(1.5, 0.25, 0.8, 2);
  return { gr, ri: d.clipped(0.35 + 0.55 * (gr - 0.9), 0.15, 0.3, 1.2) };
}

/** A star-forming galaxy's colours. */
export function blueColour(d: Draws): Colour {
  return { gr: d.clipped(0.4, 0.25, -0.15, 0.95), ri: d.clipped(0.28, 0.18, -0.1, 0.75) };
}

/** A disc between the two. */
export function discColour(d: Draws): Colour {
  return { gr: d.clipped(0.75, 0.25, 0.25, 1.25), ri: d.clipped(0.42, 0.15, 0.1, 0.85) };
}

/** Half-light radius of a galaxy of this i magnitude, arcsec: fainter is smaller, with a lognormal scatter. */
export const sizeOf = (d: Draws, i: number, scatter = 0.35): number =>
  Math.min(4, 0.95 * 10 ** (-0.13 * (i - 19)) * Math.exp(d.normal(0, scatter)));

export interface At {
  x: number;
  y: number;
}

/** The middle of the cutout, to a fraction of a pixel. */
export const centre = (d: Draws): At => ({ x: d.normal(0, 0.08), y: d.normal(0, 0.08) });

/** A point at a distance, in any direction. */
export function around({ x, y }: At, distance: number, direction: number): At {
  return { x: x + distance * Math.cos(direction), y: y + distance * Math.sin(direction) };
}

/** An early-type galaxy: one Sérsic component. */
export function elliptical(d: Draws, i: number, at: At, setting: Setting, colour = redColour(d)): Light {
  return {
    part: "elliptical",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: sizeOf(d, i),
    n: d.clipped(3.6, 0.9, 1.5, 6),
    q: d.clipped(0.78, 0.14, 0.4, 0.98),
    angle: d.orientation(),
    ...at,
  };
}

/** A disc with its bulge; `arms` of the given contrast. */
export function spiral(
  d: Draws,
  i: number,
  at: At,
  setting: Setting,
  q: number,
  armContrast: number,
): Light[] {
  const bulgeFraction = d.uniform(0.08, 0.5);
  const angle = d.orientation();
  const R = Math.max(0.35, sizeOf(d, i) * d.uniform(1.0, 1.9));
  const disc: Light = {
    part: "disc",
    lensed: false,
    magnitudes: magnitudes(
      i - 2.5 * Math.log10(1 - bulgeFraction),
      d.chance(0.5) ? blueColour(d) : discColour(d),
      setting,
    ),
    R,
    n: d.uniform(0.6, 1.2),
    q,
    angle,
    ...at,
  };
  if (armContrast > 0) {
    const pitch = d.uniform(0.18, 0.55) * (d.chance(0.5) ? 1 : -1);
    disc.arms = { amplitude: armContrast, count: d.chance(0.8) ? 2 : d.integer(1, 4), pitch };
  }
  const bulge: Light = {
    part: "bulge",
    lensed: false,
    magnitudes: magnitudes(i - 2.5 * Math.log10(bulgeFraction), redColour(d), setting),
    R: Math.max(0.1, R * d.uniform(0.12, 0.35)),
    n: d.uniform(1, 3.5),
    q: Math.min(0.95, q + 0.3),
    angle,
    ...at,
  };
  return [disc, bulge];
}

/** A small blue galaxy, or a clump of one. */
export function blueGalaxy(d: Draws, i: number, at: At, setting: Setting, part = "blue galaxy"): Light {
  return {
    part,
    lensed: false,
    magnitudes: magnitudes(i, blueColour(d), setting),
    R: Math.min(1.2, Math.max(0.12, sizeOf(d, i) * d.uniform(0.7, 1.3))),
    n: d.uniform(0.5, 1.5),
    q: d.uniform(0.25, 0.95),
    angle: d.orientation(),
    ...at,
  };
}

/** A star: a point, spread just enough for the rays to catch it. */
export function star(d: Draws, i: number, at: At, setting: Setting): Light {
  const gr = d.uniform(0.2, 1.5);
  const colour = { gr, ri: gr > 1.2 ? d.uniform(0.5, 1.6) : 0.05 + 0.3 * gr };
  return {
    part: "star",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: 0.07,
    n: 0.5,
    q: 1,
    angle: 0,
    ...at,
  };
}
