/** What else is in a cutout: galaxies and stars of the field, and left-over sky, by the recipe's `field`. */
import type { Draws } from "../../foundation/random.ts";
import { draw } from "../recipes/draw.ts";
import type { Light } from "../scene.ts";
import { blueGalaxy, elliptical, type Position, type Setting, star } from "./galaxies.ts";

/** Neighbours anywhere in the cutout or just outside, but not on top of the object in the middle. */
export function neighbours(d: Draws, setting: Setting): Light[] {
  const { field } = setting.recipe;
  const reach = setting.halfWidth * 1.15;
  const expected = (field.density * (2 * reach) ** 2) / 3600;
  const lights: Light[] = [];
  for (let k = poisson(d, expected); k > 0; k--) {
    const at: Position = { x: d.uniform(-reach, reach), y: d.uniform(-reach, reach) };
    const i = draw(d, field.magnitude);
    if (Math.hypot(at.x, at.y) < field.clearance) continue;
    lights.push(
      d.chance(draw(d, field.redShare, { magnitude: i }))
        ? elliptical(d, i, at, setting)
        : blueGalaxy(d, i, at, setting, "neighbour"),
    );
  }
  if (d.chance(field.brightShare)) {
    const angle = d.uniform(0, 2 * Math.PI);
    const distance = draw(d, field.brightDistance) * setting.halfWidth;
    const at = { x: distance * Math.cos(angle), y: distance * Math.sin(angle) };
    lights.push(
      d.chance(field.starShare)
        ? star(d, draw(d, field.star), at, setting)
        : elliptical(d, draw(d, field.galaxy), at, setting),
    );
  }
  return lights;
}

/** A Poisson count of any expectation: a sum of Poisson counts is one. */
function poisson(d: Draws, expectation: number): number {
  let total = 0;
  for (let remaining = expectation; remaining > 0; remaining -= 50)
    total += d.poisson(Math.min(remaining, 50));
  return total;
}

/** Left-over sky in sky sigmas; a halo over the cutout has the same sign in every band. */
export function pedestal(d: Draws, { bands, recipe: { field } }: Setting): number[] {
  const halo = d.chance(field.haloShare) ? draw(d, field.halo) : 0;
  return bands.map(() => draw(d, field.pedestal) + halo * draw(d, field.haloFactor));
}
