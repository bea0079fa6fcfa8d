/** What is in front of the source: a galaxy or a group, by the recipe's `lens`. */
import type { Draws } from "../../foundation/random.ts";
import { ARCSEC, angularDistance, luminosityDistance } from "../cosmology.ts";
import { draw } from "../recipes/draw.ts";
import type { Light, Mass } from "../scene.ts";
import {
  around,
  type Colour,
  elliptical,
  magnitudes,
  type Position,
  redColour,
  type Setting,
} from "./galaxies.ts";
import { groupMass, membersOf } from "./group.ts";
import { spiral } from "./spiral.ts";
import type { Strength } from "./strength.ts";

interface Deflector {
  mass: Mass;
  /** The light of the galaxy in the middle. */
  central: Light[];
  /** The light of those around it. */
  members: Light[];
}

/** A galaxy, which may have others around it that add no mass of their own. */
export function galaxyOf(d: Draws, i: number, at: Position, setting: Setting, strength: Strength): Deflector {
  const recipe = setting.recipe.lens;
  const { thetaE, redshift } = strength;
  const colour = redColour(d, setting, redshift ?? undefined, i);
  const central = d.chance(recipe.deflector.spiralShare)
    ? spiral(d, i, at, setting, draw(d, recipe.deflector.spiralQ), 0)
    : [earlyType(d, i, at, setting, redshift, colour)];
  const body = central[0]!;
  const mass: Mass = {
    thetaE,
    q: draw(d, recipe.deflector.massQ, { lightQ: body.q }),
    angle: body.angle + draw(d, recipe.deflector.misalignment),
    ...at,
    ...shear(d, setting),
  };
  const { members } = recipe;
  const count = draw(d, thetaE > members.richFrom ? members.rich : members.poor);
  const others = Array.from({ length: count }, () => {
    const distance = draw(d, members.distance) * Math.max(members.leastRadius, thetaE);
    const position = around(at, distance, d.uniform(0, 2 * Math.PI));
    const memberColour = redColour(d, setting, redshift ?? undefined, i);
    return earlyType(d, i + draw(d, members.fainter), position, setting, redshift, memberColour);
  });
  return { mass, central, members: others };
}

/** A group, whose galaxies and halo all deflect. @returns null if the galaxies leave too little for the halo */
export function groupOf(
  d: Draws,
  i: number,
  at: Position,
  setting: Setting,
  strength: Strength,
): Deflector | null {
  const { thetaE, redshift, sourceRedshift, sigma } = strength;
  const galaxy = (magnitude: number, position: Position) =>
    earlyType(d, magnitude, position, setting, redshift, redColour(d, setting, redshift!));
  const central = galaxy(i, at);
  const members = membersOf(d, at, thetaE, setting);
  const whole = { thetaE, redshift: redshift!, sourceRedshift: sourceRedshift!, sigma: sigma! };
  const mass = groupMass(d, whole, central, members, setting);
  if (mass === null) return null;
  return {
    mass: { ...mass, ...shear(d, setting) },
    central: [central],
    members: members.map(({ x, y, fainter }) => galaxy(i + fainter, { x, y })),
  };
}

/** An early-type galaxy of this i magnitude: its size is by its luminosity, or like any other's if the recipe has none. */
function earlyType(
  d: Draws,
  i: number,
  at: Position,
  setting: Setting,
  redshift: number | null,
  colour: Colour,
): Light {
  const { cosmology, lens, galaxies } = setting.recipe;
  const { size } = lens.deflector;
  if (size === null || redshift === null) return elliptical(d, i, at, setting, colour);
  const kpc = draw(d, size, { absolute: i - distanceModulus(setting, redshift) });
  return {
    part: "elliptical",
    lensed: false,
    magnitudes: magnitudes(i, colour, setting),
    R: (kpc * 1e-3) / (angularDistance(cosmology, redshift) * ARCSEC),
    n: draw(d, galaxies.elliptical.n),
    q: draw(d, galaxies.elliptical.q),
    angle: d.orientation(),
    ...at,
  };
}

const distanceModulus = ({ recipe }: Setting, redshift: number): number =>
  5 * Math.log10(luminosityDistance(recipe.cosmology, redshift)) + 25; // Mpc

/** Its i magnitude. */
export function deflectorMagnitude(
  d: Draws,
  setting: Setting,
  { thetaE, sigma, redshift }: Strength,
): number {
  const { magnitude, absolute } = setting.recipe.lens.deflector;
  const value = draw(d, magnitude, { thetaE, sigma: sigma ?? 0, redshift: redshift ?? 0 });
  if (!absolute) return value;
  return value + 5 * Math.log10(luminosityDistance(setting.recipe.cosmology, redshift!)) + 25; // Mpc
}

/** External shear. */
export function shear(d: Draws, { recipe }: Setting): { gamma1: number; gamma2: number } {
  const gamma = Math.abs(draw(d, recipe.lens.deflector.shear));
  const angle = d.orientation();
  return { gamma1: gamma * Math.cos(2 * angle), gamma2: gamma * Math.sin(2 * angle) };
}
