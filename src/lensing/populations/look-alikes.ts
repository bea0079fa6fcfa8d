/** What is taken for a lens and isn't, and what is neither. One function a kind. */
import type { Draws } from "../../foundation/random.ts";
import type { Light } from "../scene.ts";
import {
  around,
  blueColour,
  blueGalaxy,
  centre,
  discColour,
  elliptical,
  magnitudes,
  type Setting,
  sizeOf,
  spiral,
  star,
} from "./galaxies.ts";
import type { Content } from "./lens.ts";

const turn = (d: Draws) => d.uniform(0, 2 * Math.PI);
const content = (kind: string, lights: Light[]): Content => ({ kind, mass: null, lights, arcSnr: null });
/** The i magnitude of the object that the eye stops at. */
const bright = (d: Draws) => d.clipped(20.1, 1.1, 17, 22);

/**
 * A red galaxy with blue ones beside it, where arcs would be. Two in five are long and thin and lie across the line to
 * the red one, more or less, as arcs do: what then tells them apart is that they are straight and have no counter-image.
 */
export function companions(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const lights = [elliptical(d, bright(d), at, setting)];
  const count = Math.min(4, 1 + d.poisson(0.7));
  for (let k = 0; k < count; k++) {
    const direction = turn(d);
    const where = around(at, d.logUniform(0.6, 3.6), direction);
    const blue = blueGalaxy(d, d.uniform(21.3, 24.3), where, setting, "companion");
    const thin = {
      R: d.uniform(0.3, 0.85),
      q: d.uniform(0.15, 0.4),
      angle: direction + Math.PI / 2 + d.normal(0, 0.6),
    };
    lights.push(d.chance(0.4) ? { ...blue, ...thin } : blue);
  }
  return content("companions", lights);
}

/** A spiral galaxy, face-on to inclined. */
export function spiralGalaxy(d: Draws, setting: Setting): Content {
  const i = d.clipped(20.2, 1, 17.5, 22.3);
  const lights = spiral(d, i, centre(d), setting, Math.sqrt(d.uniform(0.15, 0.96)), d.uniform(0.2, 0.85));
  if (d.chance(0.3)) {
    const where = around(lights[0]!, d.uniform(0.5, 2), turn(d));
    lights.push(blueGalaxy(d, d.uniform(21.5, 24), where, setting, "clump"));
  }
  return content("spiral", lights);
}

/** A galaxy with a ring of its own: broad, faint, concentric, of any inclination. */
export function ringGalaxy(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.clipped(20, 0.9, 17.5, 22);
  const q = d.uniform(0.5, 0.97);
  const angle = d.orientation();
  const radius = d.logUniform(0.7, 3);
  const body = {
    ...elliptical(d, i, at, setting),
    R: d.uniform(0.2, 0.5) * radius,
    q: Math.min(0.97, q + 0.1),
    angle,
  };
  const ring: Light = {
    part: "ring",
    lensed: false,
    magnitudes: magnitudes(i + d.uniform(0.2, 1.8), d.chance(0.6) ? blueColour(d) : discColour(d), setting),
    R: radius * d.uniform(0.15, 0.4),
    n: 0.5,
    q,
    angle,
    ...at,
    ring: radius,
  };
  const disc: Light = {
    ...ring,
    part: "disc",
    ring: 0,
    R: radius * 0.8,
    n: 1,
    magnitudes: magnitudes(i + d.uniform(0.5, 1.5), discColour(d), setting),
  };
  return content("ring", [body, ring, disc]);
}

/** Two or three galaxies that overlap. */
export function merger(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.clipped(20.8, 1, 18, 22.8);
  const lights: Light[] = [];
  const count = d.integer(2, 3);
  for (let k = 0; k < count; k++) {
    const where = k === 0 ? at : around(at, d.uniform(0.5, 1.8), turn(d));
    const magnitude = i + d.uniform(0, 1.8);
    const type = d.integer(1, 4);
    if (type <= 2) lights.push(blueGalaxy(d, magnitude, where, setting, "merging galaxy"));
    else if (type === 3) lights.push({ ...elliptical(d, magnitude, where, setting), part: "merging galaxy" });
    else lights.push(...spiral(d, magnitude, where, setting, d.uniform(0.3, 0.9), d.uniform(0, 0.6)));
  }
  return content("merger", lights);
}

/** A disc seen edge-on, alone or across another galaxy. */
export function edgeOn(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.clipped(20.7, 1, 18, 22.5);
  const lights = spiral(d, i, at, setting, d.uniform(0.12, 0.32), 0);
  if (d.chance(0.4))
    lights.push(elliptical(d, i + d.uniform(-1, 1.5), around(at, d.uniform(0.3, 1.5), turn(d)), setting));
  return content("edge-on", lights);
}

/** A small spiral of red core and blue arms, seen nearly face-on: in the seeing, a core with arcs about it. */
export function redCore(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.clipped(21, 0.8, 18.5, 22.6);
  const core = d.uniform(0.3, 0.75);
  const R = d.logUniform(0.6, 1.7);
  const q = Math.sqrt(d.uniform(0.2, 0.96));
  const body = elliptical(d, i - 2.5 * Math.log10(core), at, setting);
  const bulge: Light = { ...body, part: "bulge", R: R * d.uniform(0.15, 0.5), n: d.uniform(1, 4) };
  const smooth = d.uniform(0, 0.5);
  const disc: Light = {
    part: "disc",
    lensed: false,
    magnitudes: magnitudes(i - 2.5 * Math.log10((1 - core) * smooth + 0.01), discColour(d), setting),
    R,
    n: d.uniform(0.5, 1.2),
    q,
    angle: d.orientation(),
    ...at,
  };
  const young = magnitudes(i - 2.5 * Math.log10((1 - core) * (1 - smooth)), blueColour(d), setting);
  const arms: Light = d.chance(0.7)
    ? {
        ...disc,
        part: "arms",
        magnitudes: young,
        n: d.uniform(0.5, 0.8),
        arms: {
          amplitude: d.uniform(0.7, 1),
          count: d.chance(0.25) ? 1 : 2,
          pitch: d.uniform(0.15, 0.6) * (d.chance(0.5) ? 1 : -1),
        },
      }
    : { ...disc, part: "ring", magnitudes: young, n: 0.5, R: R * d.uniform(0.2, 0.4), ring: R };
  return content("red core", [bulge, disc, arms]);
}

/** A red galaxy with nothing special about it. */
export function plainElliptical(d: Draws, setting: Setting): Content {
  const body = elliptical(d, bright(d), centre(d), setting);
  return content("elliptical", [body]);
}

/** Red galaxies together. */
export function group(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = bright(d);
  const lights = [elliptical(d, i, at, setting)];
  const count = d.integer(2, 5);
  for (let k = 0; k < count; k++) {
    lights.push(elliptical(d, i + d.uniform(0, 3), around(at, d.uniform(0.9, 4.5), turn(d)), setting));
  }
  return content("group", lights);
}

/** A blue galaxy of clumps. */
export function irregular(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.clipped(21.3, 1, 18.5, 23.3);
  const lights = [blueGalaxy(d, i, at, setting, "body")];
  const count = d.integer(0, 3);
  for (let k = 0; k < count; k++) {
    const where = around(at, sizeOf(d, i) * d.uniform(0.5, 2), turn(d));
    lights.push({ ...blueGalaxy(d, i + d.uniform(1, 3), where, setting, "clump"), R: d.uniform(0.1, 0.3) });
  }
  return content("irregular", lights);
}

/** A star, with whatever the field adds. */
export function starAlone(d: Draws, setting: Setting): Content {
  return content("star", [star(d, d.uniform(16.5, 23), centre(d), setting)]);
}

/** A small faint galaxy of any colour: most of what a detection catalogue holds. */
export function faintGalaxy(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const i = d.uniform(20.5, 23.8);
  return content("faint galaxy", [
    d.chance(0.5) ? elliptical(d, i, at, setting) : blueGalaxy(d, i, at, setting),
  ]);
}
