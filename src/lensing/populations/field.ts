/** What else is in a cutout: the galaxies and stars of the field, and left-over sky. */
import type { Draws } from "../../foundation/random.ts";
import type { Light } from "../scene.ts";
import { type At, blueGalaxy, elliptical, type Setting, star } from "./galaxies.ts";

/** Galaxies an arcmin² brighter than i = 25, and the slope of their counts (Capak et al. 2007, ApJS 172, 99). */
const DENSITY = 38;
const SLOPE = 0.33;
const LIMITS: readonly [number, number] = [18.5, 25];

/** Neighbours anywhere in the cutout or just outside it, but not on the object in the middle. */
export function neighbours(d: Draws, setting: Setting): Light[] {
  const reach = setting.halfWidth * 1.15;
  const area = (2 * reach) ** 2 / 3600;
  const lights: Light[] = [];
  for (let k = d.poisson(DENSITY * area); k > 0; k--) {
    const at: At = { x: d.uniform(-reach, reach), y: d.uniform(-reach, reach) };
    const i = countsMagnitude(d);
    if (Math.hypot(at.x, at.y) < 1.2) continue;
    lights.push(d.chance(0.4) ? elliptical(d, i, at, setting) : blueGalaxy(d, i, at, setting, "neighbour"));
  }
  if (d.chance(0.12)) {
    const angle = d.uniform(0, 2 * Math.PI);
    const far = d.uniform(0.75, 1.3) * setting.halfWidth;
    const at = { x: far * Math.cos(angle), y: far * Math.sin(angle) };
    lights.push(
      d.chance(0.4)
        ? star(d, d.uniform(15.5, 20), at, setting)
        : elliptical(d, d.uniform(16.5, 19.5), at, setting),
    );
  }
  return lights;
}

/** A magnitude from counts N(< m) ∝ 10^(slope m) between the limits. */
function countsMagnitude(d: Draws): number {
  const [low, high] = LIMITS.map((m) => 10 ** (SLOPE * m)) as [number, number];
  return Math.log10(d.uniform(low, high)) / SLOPE;
}

/** Left-over sky in sky sigmas, the same sign in every band where a halo lies over the cutout. */
export function pedestal(d: Draws, bands: number): number[] {
  const halo = d.chance(0.08) ? d.uniform(0.3, 2) : 0;
  return Array.from({ length: bands }, () => d.normal(0.05, 0.12) + halo * d.uniform(0.7, 1.3));
}
