/** Galaxies as pieces of scenes: their colours, sizes and shapes, as the recipe's `galaxies` and `colours` say. */
import type { Draws } from "../../foundation/random.ts";
import { draw } from "../recipes/draw.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Light } from "../scene.ts";

/** What a population needs to know of the observation. */
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

/** Magnitudes in the setting's bands from the i magnitude and colours. */
export function magnitudes(i: number, colour: Colour, { bands, recipe }: Setting): number[] {
  return bands.map((band) => magnitudeIn(band, i, colour, recipe));
}

function magnitudeIn(band: string, i: number, colour: Colour, recipe: Recipe): number {
  const from = recipe.bands[band]!;
  if ("mean" in from) return meanMagnitude(from.mean.map((one) => magnitudeIn(one, i, colour, recipe)));
  const { gr, ri } = colour;
  const base = from.of === "i" ? i : from.of === "r" ? i + ri : i + ri + gr;
  return base + (from.plus ?? 0) + (from.gr ?? 0) * gr + (from.ri ?? 0) * ri;
}

/** An early type's colours: those of its passive stars at a redshift, drawn where not given, and a scatter. */
export function redColour(d: Draws, { recipe }: Setting, redshift?: number): Colour {
  const { red } = recipe.colours;
  const z = redshift ?? draw(d, red.redshift);
  const { track, scatter } = red;
  let row = 0;
  while (row < track.length - 2 && z >= track[row + 1]![0]) row++;
  const [low, high] = [track[row]!, track[row + 1]!];
  const at = Math.min(1, Math.max(0, (z - low[0]) / (high[0] - low[0]))); // the track's ends go on unchanged
  const between = (k: 1 | 2) => low[k] + at * (high[k] - low[k]);
  return { gr: between(1) + d.normal(0, scatter[0]), ri: between(2) + d.normal(0, scatter[1]) };
}

function pairOf(d: Draws, { gr: grOf, ri: riOf }: Recipe["colours"]["blue"]): Colour {
  const gr = draw(d, grOf);
  return { gr, ri: draw(d, riOf, { gr }) };
}

/** A star-forming galaxy's colours. */
export const blueColour = (d: Draws, { recipe }: Setting): Colour => pairOf(d, recipe.colours.blue);

/** A disc between the two. */
export const discColour = (d: Draws, { recipe }: Setting): Colour => pairOf(d, recipe.colours.disc);

/** Half-light radius of a galaxy of this i magnitude, arcsec. */
export const sizeOf = (d: Draws, i: number, { recipe }: Setting): number =>
  draw(d, recipe.galaxies.size, { magnitude: i });

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
export function elliptical(
  d: Draws,
  i: number,
  at: At,
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

/** A direction of winding. */
export const eitherWay = (d: Draws, pitch: number): number => (d.chance(0.5) ? pitch : -pitch);

/**
 * A spiral: a red bulge, an old disc, and in it younger, bluer arms with the given share of the disc's light (0 for
 * none). Those of one arm, drawn out by a passage, are what is most often taken for an arc.
 */
export function spiral(d: Draws, i: number, at: At, setting: Setting, q: number, armShare: number): Light[] {
  const of = setting.recipe.galaxies.spiral;
  const bulgeFraction = draw(d, of.bulge);
  const old = discColour(d, setting);
  const R = Math.max(of.leastSize, sizeOf(d, i, setting) * draw(d, of.sizeFactor));
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
  if (disc > 0) lights.push(part("disc", disc, old, { R, n: draw(d, of.n) }));
  if (young > 0) {
    const blue = { gr: old.gr - draw(d, of.armsBluerGr), ri: old.ri - draw(d, of.armsBluerRi) };
    const arms = part("arms", young, blue, { R: R * draw(d, of.armsSizeFactor), n: draw(d, of.armsN) });
    const count = draw(d, of.arms);
    const pitch = eitherWay(d, draw(d, of.pitch));
    lights.push({ ...arms, arms: { amplitude: draw(d, of.amplitude), count, pitch } });
  }
  if (bulgeFraction === 0) return lights;
  // The bulge of a distant elliptical, with blue arms about it, is the likest thing to a lens there is.
  const red = d.chance(of.redBulges)
    ? redColour(d, setting)
    : { gr: old.gr + draw(d, of.bulgeRedderGr), ri: old.ri + draw(d, of.bulgeRedderRi) };
  const bulge = part("bulge", bulgeFraction, red, {
    R: Math.max(of.leastBulgeSize, R * draw(d, of.bulgeSizeFactor)),
    n: draw(d, of.bulgeN),
  });
  return [...lights, { ...bulge, q: Math.min(0.95, q + 0.3) }];
}

/** A small blue galaxy, or a clump of one. */
export function blueGalaxy(d: Draws, i: number, at: At, setting: Setting, part = "blue galaxy"): Light {
  const { sizeFactor, sizeWithin, n, q } = setting.recipe.galaxies.blue;
  return {
    part,
    lensed: false,
    magnitudes: magnitudes(i, blueColour(d, setting), setting),
    R: Math.min(sizeWithin[1], Math.max(sizeWithin[0], sizeOf(d, i, setting) * draw(d, sizeFactor))),
    n: draw(d, n),
    q: draw(d, q),
    angle: d.orientation(),
    ...at,
  };
}

/** A star: a point, spread just enough for the rays to catch it. */
export function star(d: Draws, i: number, at: At, setting: Setting): Light {
  const of = setting.recipe.colours.star;
  const gr = draw(d, of.gr);
  const colour = { gr, ri: gr > of.lateFrom ? draw(d, of.lateRi) : draw(d, of.ri, { gr }) };
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
