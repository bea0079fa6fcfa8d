/** Spiral arms and the knots of young stars along them, by the recipe's `arms` and `knots`. */
import type { Draws } from "../../foundation/random.ts";
import type { Arms, Wave } from "../profiles/light/spiral.ts";
import { draw } from "../recipes/draw.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Light } from "../scene.ts";
import { type Colour, magnitudes, type Setting } from "./galaxies.ts";

export type ArmsRecipe = Recipe["galaxies"]["spiral"]["grandDesign"];
export type KnotsRecipe = Recipe["galaxies"]["spiral"]["knots"];

/** Arms of a disc with half-light radius R (arcsec), wound in either direction. */
export function armsOf(d: Draws, recipe: ArmsRecipe, R: number): Arms {
  const pitch = draw(d, recipe.pitch);
  return { ...partsOf(d, recipe, R), pitch: d.chance(0.5) ? pitch : -pitch };
}

/** The same without winding: bright parts of a ring. */
export function partsOf(d: Draws, recipe: ArmsRecipe, R: number): Arms {
  const contrast = draw(d, recipe.contrast);
  const wave = (): Wave => {
    const around = draw(d, recipe.around);
    return [around, around * d.uniform(-1, 1), d.uniform(0, 2 * Math.PI)];
  };
  const arms: Arms = {
    amplitude: draw(d, recipe.amplitude),
    count: draw(d, recipe.count),
    pitch: Math.PI / 2,
    sharpness: draw(d, recipe.sharpness),
    phase: d.uniform(0, 2 * Math.PI),
    lopsidedness: draw(d, recipe.lopsidedness),
    core: R * draw(d, recipe.core),
  };
  return contrast > 0 ? { ...arms, knots: { contrast, waves: [wave(), wave(), wave()] } } : arms;
}

/**
 * Round knots along a light's arms, from a third of the radius of half its light to twice that (on a ring: within its
 * width), bluer than the given colour.
 *
 * @param i magnitude of the galaxy that they belong to
 */
export function knotsAlong(
  d: Draws,
  recipe: KnotsRecipe,
  light: Light & { arms: Arms },
  i: number,
  colour: Colour,
  setting: Setting,
): Light[] {
  return Array.from({ length: draw(d, recipe.count) }, (): Light => {
    const { R, ring = 0 } = light;
    const r = ring > 0 ? Math.max(0.1 * R, ring + d.normal(0, 0.5) * R) : R * d.uniform(0.35, 2);
    const bluer = {
      gr: colour.gr - draw(d, recipe.bluerGr),
      ri: colour.ri - draw(d, recipe.bluerRi),
    };
    return {
      part: "knot",
      lensed: false,
      magnitudes: magnitudes(i + draw(d, recipe.fainter), bluer, setting),
      R: draw(d, recipe.size),
      n: 0.5,
      q: 1,
      angle: 0,
      ...onArm(d, light, r),
    };
  });
}

/** A place on one of a light's arms, at a radius as its profile counts it: arcsec, of the circle with an ellipse's area. */
function onArm(d: Draws, light: Light & { arms: Arms }, radius: number): { x: number; y: number } {
  const { R, q, angle, arms } = light;
  const { pitch, count, phase = 0, core = 0, sharpness = 1 } = arms;
  const r = radius / Math.sqrt(q); // along the major axis
  const along = Math.log(Math.hypot(r, core) / R) / Math.tan(pitch);
  const which = (2 * Math.PI * d.integer(0, count - 1)) / count;
  const phi = phase + along + which + d.normal(0, 0.5 / (count * Math.sqrt(sharpness)));
  const [u, v] = [r * Math.cos(phi), r * q * Math.sin(phi)];
  return {
    x: light.x + u * Math.cos(angle) - v * Math.sin(angle),
    y: light.y + u * Math.sin(angle) + v * Math.cos(angle),
  };
}
