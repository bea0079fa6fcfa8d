/**
 * Galaxies as massive as lenses are, with nothing bright behind them: drawn as deflectors are, so that no finder can take a
 * massive galaxy's colour and size for those of a lens.
 */
import type { Draws } from "../../foundation/random.ts";
import type { Light } from "../scene.ts";
import { deflectorMagnitude, galaxyOf, groupOf } from "./deflectors.ts";
import type { Position, Setting } from "./galaxies.ts";
import { groupStrength, strengthOf } from "./strength.ts";

/** Draws before a cutout is taken to have room for none. */
const TRIES = 50;

export interface Unlensed {
  /** The galaxy in the middle. */
  central: Light[];
  /** Those around it. */
  members: Light[];
}

/** @returns null if none that was drawn fits into the cutout, or is as bright as deflectors may be */
export function unlensed(
  kind: "lens" | "group lens",
  d: Draws,
  at: Position,
  setting: Setting,
): Unlensed | null {
  const { mostOfCutout, redshifts, deflector } = setting.recipe.lens;
  const asGroup = kind === "group lens";
  if (asGroup && redshifts === null) return null;
  for (let tries = 0; tries < TRIES; tries++) {
    const strength = asGroup ? groupStrength(d, setting) : strengthOf(d, setting);
    if (strength === null || strength.thetaE > mostOfCutout * setting.halfWidth) continue;
    const i = deflectorMagnitude(d, setting, strength);
    const { apparent } = deflector;
    if (apparent !== null && (i < apparent[0] || i > apparent[1])) continue;
    const galaxies = (asGroup ? groupOf : galaxyOf)(d, i, at, setting, strength);
    if (galaxies !== null) return galaxies;
  }
  return null;
}
