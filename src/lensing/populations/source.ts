/** What is behind the lens: a galaxy with clumps, or a quasar in its host, by the recipe's `lens.source` and `lens.quasar`. */
import type { Draws } from "../../foundation/random.ts";
import type { Distribution } from "../recipes/distribution.ts";
import { draw } from "../recipes/draw.ts";
import { sourceImages } from "../recipes/source-images.ts";
import type { Light, Mass } from "../scene.ts";
import { around, blueColour, magnitudes, redColour, type Setting } from "./galaxies.ts";

/**
 * A disc with clumps, in the source plane. If the recipe scales arcs to a signal-to-noise only shape and colour matter,
 * and the disc has i = 24.
 *
 * @param offset from the axis, in Einstein radii; by default `lens.source.offset`
 */
export const source = (d: Draws, mass: LensOf, setting: Setting, offset?: Distribution): Light[] =>
  galaxy(d, mass, setting, offset).lights;

/** The lens that the source is behind. */
type LensOf = Pick<Mass, "x" | "y" | "thetaE">;

/** The source, and its i magnitude. */
function galaxy(
  d: Draws,
  mass: LensOf,
  setting: Setting,
  offset = setting.recipe.lens.source.offset,
): { lights: Light[]; i: number } {
  const recipe = setting.recipe.lens.source;
  const at = around(mass, mass.thetaE * draw(d, offset), d.uniform(0, 2 * Math.PI));
  const colour = d.chance(recipe.redShare) ? redColour(d, setting) : blueColour(d, setting);
  const i = recipe.brightness.magnitude === undefined ? 24 : draw(d, recipe.brightness.magnitude);
  const known = { thetaE: mass.thetaE, magnitude: i };
  if (recipe.images !== null && d.chance(recipe.images.share)) {
    const all = sourceImages(recipe.images);
    const { image, halfLight } = all[Math.floor(d.uniform() * all.length)]!;
    const shape = { R: halfLight, n: 1, q: 1, angle: d.orientation(), image };
    const pictured = { part: "source", lensed: true, magnitudes: magnitudes(i, colour, setting) };
    return { lights: [{ ...pictured, ...shape, ...at }], i };
  }
  const R = draw(d, recipe.size, known) * draw(d, recipe.sizeFactor, known);
  const disc: Light = {
    part: "source",
    lensed: true,
    magnitudes: magnitudes(i, colour, setting),
    R,
    n: draw(d, recipe.n),
    q: draw(d, recipe.q),
    angle: d.orientation(),
    ...at,
  };
  const spots = Array.from({ length: draw(d, recipe.clumps) }, (): Light => {
    const position = around(at, R * draw(d, recipe.clumpDistance), d.uniform(0, 2 * Math.PI));
    return {
      ...disc,
      part: "source clump",
      magnitudes: magnitudes(i + draw(d, recipe.clumpFainter), blueColour(d, setting), setting),
      R: draw(d, recipe.clumpSize),
      n: draw(d, recipe.clumpN),
      q: draw(d, recipe.clumpQ),
      ...position,
    };
  });
  return { lights: [disc, ...spots], i };
}

/** A quasar in the middle of a galaxy without its clumps. */
export function quasar(d: Draws, mass: LensOf, setting: Setting): Light[] {
  const recipe = setting.recipe.lens.quasar;
  const { lights, i } = galaxy(d, mass, setting);
  const host = lights[0]!;
  const gr = draw(d, recipe.gr);
  const colour = { gr, ri: draw(d, recipe.ri, { gr }) };
  const point: Light = {
    part: "quasar",
    lensed: true,
    magnitudes: magnitudes(i - draw(d, recipe.brighter), colour, setting),
    R: 0.01,
    n: 0.5,
    q: 1,
    angle: 0,
    x: host.x,
    y: host.y,
    point: true,
  };
  return [host, point];
}
