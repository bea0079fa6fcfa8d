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

/**
 * Magnitudes in other bands, from those in g, r and i. Beyond them colours go on as smooth spectra do: i − z, z − y and
 * u − g in proportion to the next colour known (the proportions are round numbers, of galaxies at redshift below 0.8);
 * VIS is the mean flux of r, i and z, which it spans, and F814W lies between i and z.
 */
const FROM_GRI: Readonly<Record<string, (g: number, r: number, i: number) => number>> = {
  u: (g, r) => g + 0.35 + 0.75 * (g - r),
  g: (g) => g,
  r: (_, r) => r,
  i: (_g, _r, i) => i,
  z: (_, r, i) => i - 0.6 * (r - i),
  y: (_, r, i) => i - 0.9 * (r - i),
  Y: (_, r, i) => i - 0.9 * (r - i),
  VIS: (_, r, i) => meanMagnitude([r, i, i - 0.6 * (r - i)]),
  F814W: (_, r, i) => i - 0.15 * (r - i),
};

const meanMagnitude = (magnitudes: readonly number[]): number =>
  -2.5 * Math.log10(magnitudes.reduce((sum, m) => sum + 10 ** (-0.4 * m), 0) / magnitudes.length);

/** The bands that a population has colours for. */
export const KNOWN_BANDS: readonly string[] = Object.keys(FROM_GRI);

/** Magnitudes in the setting's bands from the i magnitude and colours. */
export const magnitudes = (i: number, { gr, ri }: Colour, { bands }: Setting): number[] =>
  bands.map((band) => FROM_GRI[band]!(i + ri + gr, i + ri, i));

/** Colours g − r and r − i of a passive galaxy at redshifts 0, 0.1 … 0.8, after the models of Eisenstein et al. (2001). */
const PASSIVE: readonly (readonly [number, number])[] = [
  [0.78, 0.36],
  [0.96, 0.4],
  [1.2, 0.47],
  [1.45, 0.55],
  [1.64, 0.66],
  [1.74, 0.83],
  [1.76, 0.99],
  [1.73, 1.11],
  [1.74, 1.2],
];

/** An early type's colours: a redshift, the colours of its passive stars, and a scatter of 0.07 mag. */
export function redColour(d: Draws): Colour {
  const at = d.clipped(0.42, 0.17, 0.08, 0.79) * 10;
  const low = Math.floor(at);
  const between = (k: 0 | 1) => PASSIVE[low]![k] + (at - low) * (PASSIVE[low + 1]![k] - PASSIVE[low]![k]);
  return { gr: between(0) + d.normal(0, 0.07), ri: between(1) + d.normal(0, 0.05) };
}

/** A star-forming galaxy's colours. */
export function blueColour(d: Draws): Colour {
  const gr = d.clipped(0.4, 0.25, -0.15, 0.95);
  return { gr, ri: 0.12 + 0.35 * gr + d.normal(0, 0.12) };
}

/** A disc between the two. */
export function discColour(d: Draws): Colour {
  const gr = d.clipped(0.9, 0.25, 0.35, 1.4);
  return { gr, ri: 0.12 + 0.35 * gr + d.normal(0, 0.06) };
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

/**
 * A spiral: a red bulge, an old disc, and in it younger, bluer arms with the given share of the disc's light (0 for
 * none). One arm in seven spirals: drawn out by a passage, it is what is most often taken for an arc.
 */
export function spiral(d: Draws, i: number, at: At, setting: Setting, q: number, armShare: number): Light[] {
  const bulgeFraction = d.uniform(0.1, 0.65);
  const old = discColour(d);
  const R = Math.max(0.35, sizeOf(d, i) * d.uniform(1, 2.6));
  const shape = { lensed: false, q, angle: d.orientation(), ...at };
  const part = (name: string, share: number, colour: Colour, rest: Pick<Light, "R" | "n">): Light => ({
    part: name,
    magnitudes: magnitudes(i - 2.5 * Math.log10(share), colour, setting),
    ...shape,
    ...rest,
  });
  const young = armShare * (1 - bulgeFraction);
  const lights = [part("disc", 1 - bulgeFraction - young, old, { R, n: d.uniform(0.6, 1.2) })];
  if (young > 0) {
    const blue = { gr: old.gr - d.uniform(0.15, 0.6), ri: old.ri - d.uniform(0.05, 0.3) };
    const arms = part("arms", young, blue, { R: R * d.uniform(1, 1.35), n: d.uniform(0.5, 0.9) });
    const count = d.chance(0.15) ? 1 : d.chance(0.8) ? 2 : d.integer(3, 4);
    const pitch = d.uniform(0.2, 0.6) * (d.chance(0.5) ? 1 : -1);
    lights.push({ ...arms, arms: { amplitude: d.uniform(0.6, 1), count, pitch } });
  }
  // A third have the bulge of a distant elliptical: with blue arms about it, the likest thing to a lens there is.
  const red = d.chance(0.35)
    ? redColour(d)
    : { gr: old.gr + d.uniform(0.1, 0.6), ri: old.ri + d.uniform(0.05, 0.35) };
  const bulge = part("bulge", bulgeFraction, red, {
    R: Math.max(0.1, R * d.uniform(0.12, 0.4)),
    n: d.uniform(1, 3.5),
  });
  return [...lights, { ...bulge, q: Math.min(0.95, q + 0.3) }];
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
