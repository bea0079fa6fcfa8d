/** What is taken for a lens and isn't, and what is neither. One function a kind, by the recipe's `lookAlikes`. */
import type { Draws } from "../../foundation/random.ts";
import { chosen, draw } from "../recipes/draw.ts";
import type { LookAlikeKind } from "../recipes/recipe.ts";
import type { Light } from "../scene.ts";
import {
  around,
  blueColour,
  blueGalaxy,
  centre,
  discColour,
  eitherWay,
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
/**
 * A red galaxy with blue ones beside it, where arcs would be. Some are long and thin and lie across the line to
 * the red one, more or less, as arcs do: what then tells them apart is that they are straight and have no counter-image.
 */
export function companions(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.companions;
  const at = centre(d);
  const lights = [elliptical(d, draw(d, of.magnitude), at, setting)];
  const count = 1 + draw(d, of.more);
  for (let k = 0; k < count; k++) {
    const direction = turn(d);
    const where = around(at, draw(d, of.distance), direction);
    const blue = blueGalaxy(d, draw(d, of.companion), where, setting, "companion");
    const thin = {
      R: draw(d, of.thinSize),
      q: draw(d, of.thinQ),
      angle: direction + Math.PI / 2 + draw(d, of.thinTilt),
    };
    lights.push(d.chance(of.thinShare) ? { ...blue, ...thin } : blue);
  }
  return content("companions", lights);
}

/** A spiral galaxy, face-on to inclined. */
export function spiralGalaxy(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.spiral;
  const i = draw(d, of.magnitude);
  const lights = spiral(d, i, centre(d), setting, draw(d, of.q), draw(d, of.armShare));
  if (d.chance(of.clumpShare)) {
    const where = around(lights[0]!, draw(d, of.clumpDistance), turn(d));
    lights.push(blueGalaxy(d, draw(d, of.clump), where, setting, "clump"));
  }
  return content("spiral", lights);
}

/** A galaxy with a ring of its own: broad, faint, concentric, of any inclination. */
export function ringGalaxy(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.ring;
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const q = draw(d, of.q);
  const angle = d.orientation();
  const radius = draw(d, of.radius);
  const body = {
    ...elliptical(d, i, at, setting),
    R: draw(d, of.bodySizeFactor) * radius,
    q: Math.min(0.97, q + 0.1),
    angle,
  };
  const ring: Light = {
    part: "ring",
    lensed: false,
    magnitudes: magnitudes(
      i + draw(d, of.ringFainter),
      d.chance(of.blueShare) ? blueColour(d, setting) : discColour(d, setting),
      setting,
    ),
    R: radius * draw(d, of.ringWidth),
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
    R: radius * draw(d, of.discSizeFactor),
    n: 1,
    magnitudes: magnitudes(i + draw(d, of.discFainter), discColour(d, setting), setting),
  };
  return content("ring", [body, ring, disc]);
}

/** Galaxies that overlap. */
export function merger(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.merger;
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const lights: Light[] = [];
  const count = draw(d, of.galaxies);
  for (let k = 0; k < count; k++) {
    const where = k === 0 ? at : around(at, draw(d, of.distance), turn(d));
    const magnitude = i + draw(d, of.fainter);
    const type = chosen(d, of.types);
    if (type === "blue") lights.push(blueGalaxy(d, magnitude, where, setting, "merging galaxy"));
    else if (type === "elliptical")
      lights.push({ ...elliptical(d, magnitude, where, setting), part: "merging galaxy" });
    else lights.push(...spiral(d, magnitude, where, setting, draw(d, of.spiralQ), draw(d, of.spiralArms)));
  }
  return content("merger", lights);
}

/** A disc seen edge-on, alone or across another galaxy. */
export function edgeOn(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes["edge-on"];
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const lights = spiral(d, i, at, setting, draw(d, of.q), 0);
  if (d.chance(of.acrossShare))
    lights.push(elliptical(d, i + draw(d, of.fainter), around(at, draw(d, of.distance), turn(d)), setting));
  return content("edge-on", lights);
}

/** A small spiral of red core and blue arms, seen nearly face-on: in the seeing, a core with arcs about it. */
export function redCore(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes["red core"];
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const core = draw(d, of.core);
  const R = draw(d, of.size);
  const q = draw(d, of.q);
  const body = elliptical(d, i - 2.5 * Math.log10(core), at, setting);
  const bulge: Light = { ...body, part: "bulge", R: R * draw(d, of.coreSizeFactor), n: draw(d, of.coreN) };
  const smooth = draw(d, of.smooth);
  const disc: Light = {
    part: "disc",
    lensed: false,
    magnitudes: magnitudes(i - 2.5 * Math.log10((1 - core) * smooth + 0.01), discColour(d, setting), setting),
    R,
    n: draw(d, of.n),
    q,
    angle: d.orientation(),
    ...at,
  };
  const young = magnitudes(i - 2.5 * Math.log10((1 - core) * (1 - smooth)), blueColour(d, setting), setting);
  const arms: Light = d.chance(of.armedShare)
    ? {
        ...disc,
        part: "arms",
        magnitudes: young,
        n: draw(d, of.armsN),
        arms: {
          amplitude: draw(d, of.amplitude),
          count: draw(d, of.arms),
          pitch: eitherWay(d, draw(d, of.pitch)),
        },
      }
    : { ...disc, part: "ring", magnitudes: young, n: 0.5, R: R * draw(d, of.ringWidth), ring: R };
  return content("red core", [bulge, disc, arms]);
}

/** A red galaxy with nothing special about it. */
export function plainElliptical(d: Draws, setting: Setting): Content {
  const i = draw(d, setting.recipe.lookAlikes.elliptical.magnitude);
  return content("elliptical", [elliptical(d, i, centre(d), setting)]);
}

/** Red galaxies together. */
export function group(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.group;
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const lights = [elliptical(d, i, at, setting)];
  const count = draw(d, of.more);
  for (let k = 0; k < count; k++) {
    lights.push(elliptical(d, i + draw(d, of.fainter), around(at, draw(d, of.distance), turn(d)), setting));
  }
  return content("group", lights);
}

/** A blue galaxy of clumps. */
export function irregular(d: Draws, setting: Setting): Content {
  const of = setting.recipe.lookAlikes.irregular;
  const at = centre(d);
  const i = draw(d, of.magnitude);
  const lights = [blueGalaxy(d, i, at, setting, "body")];
  const count = draw(d, of.clumps);
  for (let k = 0; k < count; k++) {
    const where = around(at, sizeOf(d, i, setting) * draw(d, of.distance), turn(d));
    const clump = blueGalaxy(d, i + draw(d, of.fainter), where, setting, "clump");
    lights.push({ ...clump, R: draw(d, of.clumpSize) });
  }
  return content("irregular", lights);
}

/** A star, with whatever the field adds. */
export function starAlone(d: Draws, setting: Setting): Content {
  return content("star", [star(d, draw(d, setting.recipe.lookAlikes.star.magnitude), centre(d), setting)]);
}

/** A small faint galaxy of any colour: most of what a detection catalogue holds. */
export function faintGalaxy(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const of = setting.recipe.lookAlikes["faint galaxy"];
  const i = draw(d, of.magnitude);
  return content("faint galaxy", [
    d.chance(of.redShare) ? elliptical(d, i, at, setting) : blueGalaxy(d, i, at, setting),
  ]);
}

/** Nothing but what the field adds. */
export function emptySky(): Content {
  return content("empty sky", []);
}

/** Each kind's own. */
export const LOOK_ALIKE_DRAWS: Readonly<Record<LookAlikeKind, (d: Draws, setting: Setting) => Content>> = {
  companions,
  "red core": redCore,
  spiral: spiralGalaxy,
  ring: ringGalaxy,
  merger,
  "edge-on": edgeOn,
  elliptical: plainElliptical,
  group,
  irregular,
  "faint galaxy": faintGalaxy,
  star: starAlone,
  "empty sky": emptySky,
};
