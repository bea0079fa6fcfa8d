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

/** An early type's colours: those of passive stars at a redshift (drawn if not given), with a scatter. */
export function redColour(d: Draws, { recipe }: Setting, redshift?: number): Colour {
  const { red } = recipe.colours;
  const z = redshift ?? drawRedshift(d, red.redshift, recipe.cosmology);
  const { track, scatter } = red;
  let row = 0;
  while (row < track.length - 2 && z >= track[row + 1]![0]) row++;
  const [low, high] = [track[row]!, track[row + 1]!];
  const at = Math.min(1, Math.max(0, (z - low[0]) / (high[0] - low[0]))); // constant beyond the track's ends
  const between = (k: 1 | 2) => low[k] + at * (high[k] - low[k]);
  return { gr: between(1) + d.normal(0, scatter[0]), ri: between(2) + d.normal(0, scatter[1]) };
}

function pairOf(d: Draws, { gr: grOf, ri: riOf }: Recipe["colours"]["blue"]): Colour {
  const gr = draw(d, grOf);
  return { gr, ri: draw(d, riOf, { gr }) };
}

/** A star-forming galaxy's colours. */
export const blueColour = (d: Draws, { recipe }: Setting): Colour => pairOf(d, recipe.colours.blue);

/** A disc's colours, between the two. */
export const discColour = (d: Draws, { recipe }: Setting): Colour => pairOf(d, recipe.colours.disc);

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
  colour = redColour(d, setting),
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

/** A pitch angle with a random direction of winding. */
export const eitherWay = (d: Draws, pitch: number): number => (d.chance(0.5) ? pitch : -pitch);

/**
 * A spiral: a red bulge, an old disc, and in it younger, bluer arms with the given share of the disc's light (0 for
 * none). Spirals with a single arm, drawn out by an encounter, are most often mistaken for an arc.
 */
export function spiral(
  d: Draws,
  i: number,
  at: Position,
  setting: Setting,
  q: number,
  armShare: number,
): Light[] {
  const recipe = setting.recipe.galaxies.spiral;
  const bulgeFraction = draw(d, recipe.bulge);
  const old = discColour(d, setting);
  const R = Math.max(recipe.leastSize, sizeOf(d, i, setting) * draw(d, recipe.sizeFactor));
  const shape = { lensed: false, q, angle: d.orientation(), ...at };
  const part = (name: string, share: number, colour: Colour, rest: Pick<Light, "R" | "n">): Light => ({
    part: name,
    magnitudes: magnitudes(i - 2.5 * Math.log10(share), colour, setting),
    ...shape,
    ...rest,
  });
  const lights: Light[] = [];
  const young = armShare * (1 - bulgeFraction);
  const disc = 1 - bulgeFraction - young;
  if (disc > 0) lights.push(part("disc", disc, old, { R, n: draw(d, recipe.n) }));
  if (young > 0) {
    const blue = { gr: old.gr - draw(d, recipe.armsBluerGr), ri: old.ri - draw(d, recipe.armsBluerRi) };
    const arms = part("arms", young, blue, {
      R: R * draw(d, recipe.armsSizeFactor),
      n: draw(d, recipe.armsN),
    });
    const count = draw(d, recipe.arms);
    const pitch = eitherWay(d, draw(d, recipe.pitch));
    lights.push({ ...arms, arms: { amplitude: draw(d, recipe.amplitude), count, pitch } });
  }
  if (bulgeFraction === 0) return lights;
  // A bulge like a distant elliptical, with blue arms around it, resembles a lens more than anything else.
  const red = d.chance(recipe.redBulges)
    ? redColour(d, setting)
    : { gr: old.gr + draw(d, recipe.bulgeRedderGr), ri: old.ri + draw(d, recipe.bulgeRedderRi) };
  const bulge = part("bulge", bulgeFraction, red, {
    R: Math.max(recipe.leastBulgeSize, R * draw(d, recipe.bulgeSizeFactor)),
    n: draw(d, recipe.bulgeN),
  });
  return [...lights, { ...bulge, q: Math.min(0.95, q + 0.3) }];
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
    magnitudes: magnitudes(i, blueColour(d, setting), setting),
    R: blueSizeOf(d, i, setting),
    n: draw(d, n),
    q: draw(d, q),
    angle: d.orientation(),
    ...at,
  };
}

/** A star: a point. */
export function star(d: Draws, i: number, at: Position, setting: Setting): Light {
  const colours = setting.recipe.colours.star;
  const gr = draw(d, colours.gr);
  const colour = { gr, ri: gr > colours.lateFrom ? draw(d, colours.lateRi) : draw(d, colours.ri, { gr }) };
  return {
    part: "star",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: 0,
    n: 0.5,
    q: 1,
    angle: 0,
    ...at,
    point: true,
  };
}
