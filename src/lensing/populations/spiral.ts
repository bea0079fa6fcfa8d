/** Spirals as parts of scenes, by the recipe's `galaxies.spiral`: bulge, bar, old disc, young arms and their knots. */
import type { Draws } from "../../foundation/random.ts";
import { draw } from "../recipes/draw.ts";
import type { Light } from "../scene.ts";
import { armsOf, knotsAlong } from "./arms.ts";
import {
  type Colour,
  discColour,
  magnitudes,
  type Position,
  redColour,
  type Setting,
  sizeOf,
} from "./galaxies.ts";

type Shape = Pick<Light, "lensed" | "q" | "angle" | "x" | "y">;

/** A part of a galaxy, with its share of the light. */
type Parts = (
  name: string,
  share: number,
  colour: Colour,
  rest: Pick<Light, "R" | "n"> & Partial<Light>,
) => Light;

/** Arms with a smaller share of a galaxy's light can't be seen, and are left to its disc. */
const LEAST_ARMS = 0.01;

/**
 * A spiral: a red bulge, an old disc, maybe with a bar, and in it younger, bluer arms with the given share of the disc's
 * light (0 for none). Arms around a red core are what is most often mistaken for a lens.
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
  const old = discColour(d, setting, i);
  const R = Math.max(recipe.leastSize, sizeOf(d, i, setting) * draw(d, recipe.sizeFactor));
  const shape: Shape = { lensed: false, q, angle: d.orientation(), ...at };
  const part: Parts = (name, share, colour, rest) => ({
    part: name,
    magnitudes: magnitudes(i - 2.5 * Math.log10(share), colour, setting),
    ...shape,
    ...rest,
  });
  const armed = armShare * (1 - bulgeFraction);
  const young = armed < LEAST_ARMS ? 0 : armed;
  const disc = 1 - bulgeFraction - young;
  const lights: Light[] = [];
  if (young > 0) lights.push(...armedDisc(d, part, { i, R, young, disc, old }, setting));
  else if (disc > 0) lights.push(part("disc", disc, old, { R, n: draw(d, recipe.n) }));
  if (bulgeFraction === 0) return lights;
  // A bulge like a distant elliptical, with blue arms around it, resembles a lens more than anything else.
  const red = d.chance(recipe.redBulges)
    ? redColour(d, setting, undefined, i)
    : { gr: old.gr + draw(d, recipe.bulgeRedderGr), ri: old.ri + draw(d, recipe.bulgeRedderRi) };
  const bulge = part("bulge", bulgeFraction, red, {
    R: Math.max(recipe.leastBulgeSize, R * draw(d, recipe.bulgeSizeFactor)),
    n: draw(d, recipe.bulgeN),
  });
  return [...lights, { ...bulge, q: Math.min(0.95, q + 0.3) }];
}

interface Disc {
  /** Magnitude of the galaxy. */
  i: number;
  R: number;
  /** Shares of the light in young arms and in the old disc, whose colour is given. */
  young: number;
  disc: number;
  old: Colour;
}

/** An old disc, maybe with a bar, and young arms; the old stars' arms are weaker, and on their concave side. */
function armedDisc(d: Draws, part: Parts, { i, R, young, disc, old }: Disc, setting: Setting): Light[] {
  const recipe = setting.recipe.galaxies.spiral;
  const arms = armsOf(d, d.chance(recipe.flocculentShare) ? recipe.flocculent : recipe.grandDesign, R);
  const blue = { gr: old.gr - draw(d, recipe.armsBluerGr), ri: old.ri - draw(d, recipe.armsBluerRi) };
  const n = draw(d, recipe.armsN);
  const size = R * draw(d, recipe.armsSizeFactor);
  const radius = R * draw(d, recipe.annulusRadius);
  const width = radius * draw(d, recipe.annulusWidth);
  // On a ring the unit of radii is its half width, so that the phase at which arms cross it differs
  const extent = d.chance(recipe.annulusShare) ? { R: width, n: 0.5, ring: radius } : { R: size, n };
  const youngArms = { ...part("arms", young, blue, extent), arms };
  const lag = draw(d, recipe.dustLag) * Math.sign(arms.pitch);
  const crossing = Math.log(R / extent.R) / Math.tan(arms.pitch);
  const { knots: _, ...smooth } = arms;
  const oldArms = { ...smooth, amplitude: draw(d, recipe.oldAmplitude), phase: arms.phase! + crossing + lag };
  const barred = disc > 0 && d.chance(recipe.barShare);
  const bar = barred ? disc * draw(d, recipe.bar) : 0;
  const lights: Light[] = [];
  if (disc > 0) lights.push({ ...part("disc", disc - bar, old, { R, n: draw(d, recipe.n) }), arms: oldArms });
  if (bar > 0) {
    const barR = R * draw(d, recipe.barSize);
    // Arms begin at its ends
    const { q, angle } = youngArms;
    const end = arms.phase! + crossing + Math.log(barR / R) / Math.tan(arms.pitch);
    const along = angle + Math.atan2(q * Math.sin(end), Math.cos(end));
    lights.push(part("bar", bar, old, { R: barR, n: 0.5, q: draw(d, recipe.barQ), angle: along }));
  }
  return [...lights, youngArms, ...knotsAlong(d, recipe.knots, youngArms, i, blue, setting)];
}
