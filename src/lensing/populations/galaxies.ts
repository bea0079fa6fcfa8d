/** Galaxies as parts of scenes: their colours, sizes and shapes, by the recipe's `galaxies` and `colours`. */
import type { Draws } from "../../foundation/random.ts";
import { draw, drawRedshift } from "../recipes/draw.ts";
import { OutOfReach, TRIES } from "../recipes/out-of-reach.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Light } from "../scene.ts";

/** What a population needs to know about the observation. */
export interface Setting {
  /** The bands' names, in order. */
  bands: readonly string[];
  /** Half the cutout's side, arcsec. */
  halfWidth: number;
  /** Median seeing of the sharpest band, arcsec. */
  seeing: number;
  recipe: Recipe;
}

/** g − r and r − i, AB. */
export interface Colour {
  gr: number;
  ri: number;
}

const meanMagnitude = (magnitudes: readonly number[]): number =>
  -2.5 * Math.log10(magnitudes.reduce((sum, m) => sum + 10 ** (-0.4 * m), 0) / magnitudes.length);

/** Magnitudes in the setting's bands, from the i magnitude and the colours. */
export function magnitudes(i: number, colour: Colour, { bands, recipe }: Setting): number[] {
  return bands.map((band) => magnitudeIn(band, i, colour, recipe));
}

function magnitudeIn(band: string, i: number, colour: Colour, recipe: Recipe): number {
  const from = recipe.bands[band]!;
  if ("mean" in from) return meanMagnitude(from.mean.map((other) => magnitudeIn(other, i, colour, recipe)));
  const { gr, ri } = colour;
  const base = from.of === "i" ? i : from.of === "r" ? i + ri : i + ri + gr;
  return base + (from.plus ?? 0) + (from.gr ?? 0) * gr + (from.ri ?? 0) * ri;
}

/** The i magnitude of a red galaxy whose own is not known, for its redshift. */
const TYPICAL = 20;

/** A redshift of an early type of this i magnitude. */
export const redRedshift = (d: Draws, { recipe }: Setting, magnitude: number): number =>
  drawRedshift(d, recipe.colours.red.redshift, recipe.cosmology, { magnitude });

/**
 * An early type's colours: those of passive stars at a redshift, with a scatter. A redshift that is not given is drawn,
 * and may follow the i magnitude.
 */
export function redColour(d: Draws, setting: Setting, redshift?: number, magnitude = TYPICAL): Colour {
  const { recipe } = setting;
  const { red } = recipe.colours;
  const z = redshift ?? redRedshift(d, setting, magnitude);
  const { track, scatter } = red;
  let row = 0;
  while (row < track.length - 2 && z >= track[row + 1]![0]) row++;
  const [low, high] = [track[row]!, track[row + 1]!];
  const at = Math.min(1, Math.max(0, (z - low[0]) / (high[0] - low[0]))); // constant beyond the track's ends
  const between = (k: 1 | 2) => low[k] + at * (high[k] - low[k]);
  return { gr: between(1) + d.normal(0, scatter[0]), ri: between(2) + d.normal(0, scatter[1]) };
}

function pairOf(d: Draws, { gr: grOf, ri: riOf }: Recipe["colours"]["blue"], magnitude: number): Colour {
  const gr = draw(d, grOf, { magnitude });
  return { gr, ri: draw(d, riOf, { gr }) };
}

/** The i magnitude of a blue galaxy whose own is not known, for its colours. */
const FAINT = 23;

/** A star-forming galaxy's colours, which may follow its i magnitude. */
export const blueColour = (d: Draws, { recipe }: Setting, magnitude = FAINT): Colour =>
  pairOf(d, recipe.colours.blue, magnitude);

/** A disc's colours, between the two. */
export const discColour = (d: Draws, { recipe }: Setting, magnitude = TYPICAL): Colour =>
  pairOf(d, recipe.colours.disc, magnitude);

/** Half-light radius of a galaxy of this i magnitude, arcsec. */
export const sizeOf = (d: Draws, i: number, { recipe }: Setting): number =>
  draw(d, recipe.galaxies.size, { magnitude: i });

export interface Position {
  x: number;
  y: number;
}

/** The middle of the cutout, within a fraction of a pixel. */
export const centre = (d: Draws): Position => ({ x: d.normal(0, 0.08), y: d.normal(0, 0.08) });

/** A point at a distance, in any direction. */
export function around({ x, y }: Position, distance: number, direction: number): Position {
  return { x: x + distance * Math.cos(direction), y: y + distance * Math.sin(direction) };
}

/** An early-type galaxy: one Sérsic component. */
export function elliptical(
  d: Draws,
  i: number,
  at: Position,
  setting: Setting,
  colour = redColour(d, setting, undefined, i),
): Light {
  const { n, q } = setting.recipe.galaxies.elliptical;
  return {
    part: "elliptical",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: sizeOf(d, i, setting),
    n: draw(d, n),
    q: draw(d, q),
    angle: d.orientation(),
    ...at,
  };
}

/** Half-light radius of a blue galaxy of this i magnitude, arcsec: drawn again until it is within its range. */
function blueSizeOf(d: Draws, i: number, setting: Setting): number {
  const { sizeFactor, sizeWithin } = setting.recipe.galaxies.blue;
  const [low, high] = sizeWithin;
  for (let tries = 0; tries < TRIES; tries++) {
    const R = sizeOf(d, i, setting) * draw(d, sizeFactor);
    if (R >= low && R <= high) return R;
  }
  throw new OutOfReach(sizeWithin, sizeWithin, ` at magnitude ${Number(i.toPrecision(4))}`);
}

/** A small blue galaxy, or a clump of one. */
export function blueGalaxy(d: Draws, i: number, at: Position, setting: Setting, part = "blue galaxy"): Light {
  const { n, q } = setting.recipe.galaxies.blue;
  return {
    part,
    lensed: false,
    magnitudes: magnitudes(i, blueColour(d, setting, i), setting),
    R: blueSizeOf(d, i, setting),
    n: draw(d, n),
    q: draw(d, q),
    angle: d.orientation(),
    ...at,
  };
}

/** A star: a point, whose R, n, q and angle mean nothing. */
export function star(d: Draws, i: number, at: Position, setting: Setting): Light {
  const colours = setting.recipe.colours.star;
  const late = d.chance(colours.lateShare);
  const gr = draw(d, late ? colours.lateGr : colours.gr);
  const colour = { gr, ri: late ? draw(d, colours.lateRi) : draw(d, colours.ri, { gr }) };
  return {
    part: "star",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: 0.01,
    n: 0.5,
    q: 1,
    angle: 0,
    ...at,
    point: true,
  };
}
