/**
 * Lenses: a massive galaxy, alone or in a group, in front of a star-forming one. Einstein radii from 0.7" (the ground
 * can't see smaller arcs) to 4.5" (groups); brighter deflectors lens more strongly. The source lies where it is
 * strongly imaged: within 0.6 θ_E of the axis. Its light is scaled to an arc signal-to-noise that a person would see.
 */
import type { Draws } from "../../foundation/random.ts";
import type { Light, Mass, Scene } from "../scene.ts";
import {
  around,
  blueColour,
  centre,
  elliptical,
  magnitudes,
  redColour,
  type Setting,
  spiral,
} from "./galaxies.ts";

/** What a population gives: the scene without the observation's own values. */
export type Content = Pick<Scene, "kind" | "mass" | "lights" | "arcSnr">;

export function lens(d: Draws, setting: Setting): Content {
  const least = Math.max(0.7, setting.seeing);
  const thetaE = d.logUniform(least, Math.min(4.5, 0.75 * setting.halfWidth));
  const at = centre(d);
  const i = d.clipped(20.3 - 3 * Math.log10(thetaE / 1.2), 0.8, 17, 22);
  const deflector = d.chance(0.93)
    ? [elliptical(d, i, at, setting)]
    : spiral(d, i, at, setting, d.uniform(0.4, 0.9), 0);
  const body = deflector[0]!;
  const mass: Mass = {
    thetaE,
    q: d.clipped(body.q + 0.05, 0.1, 0.5, 0.97),
    angle: body.angle + d.normal(0, 0.15),
    ...at,
    ...shear(d),
  };
  const members = thetaE > 2 ? d.poisson(1.5) : d.poisson(0.15);
  const group: Light[] = Array.from({ length: members }, () =>
    elliptical(
      d,
      i + d.uniform(0.7, 3),
      around(at, d.uniform(0.9, 2.2) * Math.max(1.2, thetaE), d.uniform(0, 2 * Math.PI)),
      setting,
      {
        ...redColour(d),
      },
    ),
  );
  return {
    kind: "lens",
    mass,
    lights: [...deflector, ...group, ...source(d, mass, setting)],
    arcSnr: d.logUniform(25, 220),
  };
}

function shear(d: Draws): { gamma1: number; gamma2: number } {
  const gamma = Math.abs(d.normal(0, 0.05));
  const angle = d.orientation();
  return { gamma1: gamma * Math.cos(2 * angle), gamma2: gamma * Math.sin(2 * angle) };
}

/** A disc with up to three clumps, in the source plane. Only its shape and colour count: its flux is scaled. */
function source(d: Draws, mass: Mass, setting: Setting): Light[] {
  const offset = mass.thetaE * 0.6 * Math.sqrt(d.uniform());
  const at = around(mass, offset, d.uniform(0, 2 * Math.PI));
  const colour = d.chance(0.88) ? blueColour(d) : redColour(d);
  const R = d.logUniform(0.12, 0.45) * Math.min(1.3, Math.max(0.8, mass.thetaE / 1.5));
  const disc: Light = {
    part: "source",
    lensed: true,
    magnitudes: magnitudes(24, colour, setting),
    R,
    n: d.uniform(0.6, 1.6),
    q: d.uniform(0.35, 0.95),
    angle: d.orientation(),
    ...at,
  };
  const clumps = d.poisson(0.8);
  const spots = Array.from({ length: Math.min(3, clumps) }, (): Light => {
    const place = around(at, R * d.uniform(0.3, 1.5), d.uniform(0, 2 * Math.PI));
    return {
      ...disc,
      part: "source clump",
      magnitudes: magnitudes(d.uniform(24.6, 26), blueColour(d), setting),
      R: d.uniform(0.05, 0.12),
      n: 1,
      q: 0.9,
      ...place,
    };
  });
  return [disc, ...spots];
}
