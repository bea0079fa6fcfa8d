/** Look-alikes of lenses, and ordinary objects. One function per kind, by the recipe's `lookAlikes`. */
import type { Draws } from "../../foundation/random.ts";
import { chosen, draw } from "../recipes/draw.ts";
import type { LookAlikeKind } from "../recipes/recipe.ts";
import type { Light } from "../scene.ts";
import { armsOf, knotsAlong, partsOf } from "./arms.ts";
import {
  around,
  blueColour,
  blueGalaxy,
  centre,
  discColour,
  elliptical,
  magnitudes,
  type Position,
  redColour,
  redRedshift,
  type Setting,
  star,
} from "./galaxies.ts";
import type { Content } from "./lens.ts";
import { spiral } from "./spiral.ts";
import { type Unlensed, unlensed } from "./unlensed.ts";

const turn = (d: Draws) => d.uniform(0, 2 * Math.PI);
/** @param central how many of the lights are the object in the middle; all by default */
const content = (kind: string, lights: Light[], central = lights.length): Content => ({
  kind,
  mass: null,
  lights,
  central,
  arcSnr: null,
});

/** A galaxy as deflectors are, for a share of the red ones; null for all others. */
function asDeflector(kind: "lens" | "group lens", d: Draws, at: Position, setting: Setting): Unlensed | null {
  const { deflectorShare } = setting.recipe.lookAlikes;
  return deflectorShare > 0 && d.chance(deflectorShare) ? unlensed(kind, d, at, setting) : null;
}

/**
 * A red galaxy with blue ones beside it, where arcs would be. Some are long, thin and roughly tangential, like arcs:
 * then only their being straight and without counter-image tells them apart.
 */
function companions(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.companions;
  const at = centre(d);
  const massive = asDeflector("lens", d, at, setting);
  const central = massive?.central ?? [elliptical(d, draw(d, recipe.magnitude), at, setting)];
  const lights = [...central, ...(massive?.members ?? [])];
  const count = 1 + draw(d, recipe.more);
  for (let k = 0; k < count; k++) {
    const direction = turn(d);
    const position = around(at, draw(d, recipe.distance), direction);
    const blue = blueGalaxy(d, draw(d, recipe.companion), position, setting, "companion");
    const thin = {
      R: draw(d, recipe.thinSize),
      q: draw(d, recipe.thinQ),
      angle: direction + Math.PI / 2 + draw(d, recipe.thinTilt),
    };
    lights.push(d.chance(recipe.thinShare) ? { ...blue, ...thin } : blue);
  }
  return content("companions", lights, central.length);
}

/** A spiral galaxy, face-on to inclined. */
function spiralGalaxy(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.spiral;
  const i = draw(d, recipe.magnitude);
  const lights = spiral(d, i, centre(d), setting, draw(d, recipe.q), draw(d, recipe.armShare));
  if (d.chance(recipe.clumpShare)) {
    const position = around(lights[0]!, draw(d, recipe.clumpDistance), turn(d));
    lights.push(blueGalaxy(d, draw(d, recipe.clump), position, setting, "clump"));
  }
  return content("spiral", lights);
}

/** A galaxy with a ring of its own, concentric, at any inclination: in parts, and with knots where stars form in it. */
function ringGalaxy(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.ring;
  const at = centre(d);
  const i = draw(d, recipe.magnitude);
  const q = draw(d, recipe.q);
  const angle = d.orientation();
  const radius = draw(d, recipe.radius);
  const body = {
    ...elliptical(d, i, at, setting),
    R: draw(d, recipe.bodySizeFactor) * radius,
    q: Math.min(0.97, q + 0.1),
    angle,
  };
  const faint = i + draw(d, recipe.ringFainter);
  const colour = d.chance(recipe.blueShare) ? blueColour(d, setting, faint) : discColour(d, setting, i);
  const ring = {
    part: "ring",
    lensed: false,
    magnitudes: magnitudes(faint, colour, setting),
    R: radius * draw(d, recipe.ringWidth),
    n: 0.5,
    q,
    angle,
    ...at,
    ring: radius,
    arms: partsOf(d, recipe.parts, radius),
  };
  const { arms: _, ...whole } = ring;
  const disc: Light = {
    ...whole,
    part: "disc",
    ring: 0,
    R: radius * draw(d, recipe.discSizeFactor),
    n: 1,
    magnitudes: magnitudes(i + draw(d, recipe.discFainter), discColour(d, setting, i), setting),
  };
  return content("ring", [body, ring, disc, ...knotsAlong(d, recipe.knots, ring, faint, colour, setting)]);
}

/** Galaxies that overlap, and the tails that the encounter draws out of them: arcs, too, but not round a lens. */
function merger(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.merger;
  const at = centre(d);
  const i = draw(d, recipe.magnitude);
  const lights: Light[] = [];
  const count = draw(d, recipe.galaxies);
  for (let k = 0; k < count; k++) {
    const position = k === 0 ? at : around(at, draw(d, recipe.distance), turn(d));
    const magnitude = i + draw(d, recipe.fainter);
    const type = chosen(d, recipe.types);
    if (type === "blue") lights.push(blueGalaxy(d, magnitude, position, setting, "merging galaxy"));
    else if (type === "elliptical")
      lights.push({ ...elliptical(d, magnitude, position, setting), part: "merging galaxy" });
    else
      lights.push(
        ...spiral(d, magnitude, position, setting, draw(d, recipe.spiralQ), draw(d, recipe.spiralArms)),
      );
  }
  const tails = draw(d, recipe.tails);
  for (let k = 0; k < tails; k++) lights.push(tail(d, i, at, setting));
  return content("merger", lights);
}

/** A tidal tail: a part of a thin ring, drawn inwards. */
function tail(d: Draws, i: number, at: Position, setting: Setting): Light {
  const recipe = setting.recipe.lookAlikes.merger;
  const radius = draw(d, recipe.tailRadius);
  const faint = i + draw(d, recipe.tailFainter);
  const colour = d.chance(0.5) ? blueColour(d, setting, faint) : discColour(d, setting, i);
  return {
    part: "tail",
    lensed: false,
    magnitudes: magnitudes(faint, colour, setting),
    R: radius * draw(d, recipe.tailWidth),
    n: 0.5,
    q: d.uniform(0.5, 1),
    angle: d.orientation(),
    ...around(at, radius * d.uniform(0, 0.6), turn(d)),
    ring: radius,
    arms: armsOf(d, recipe.tail, radius),
  };
}

/** A disc seen edge-on, alone or across another galaxy. */
function edgeOn(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes["edge-on"];
  const at = centre(d);
  const i = draw(d, recipe.magnitude);
  const whole = spiral(d, i, at, setting, draw(d, recipe.q), 0);
  const disc = d.chance(recipe.laneShare) ? whole.flatMap((light) => parted(d, light, setting)) : whole;
  const across = d.chance(recipe.acrossShare)
    ? [elliptical(d, i + draw(d, recipe.fainter), around(at, draw(d, recipe.distance), turn(d)), setting)]
    : [];
  return content("edge-on", [...disc, ...across], disc.length);
}

/** A disc on either side of a lane of dust, one side fainter; other parts stay as they are. */
function parted(d: Draws, light: Light, setting: Setting): Light[] {
  if (light.part !== "disc") return [light];
  const half = light.R * draw(d, setting.recipe.lookAlikes["edge-on"].lane) * Math.sqrt(light.q);
  const share = d.uniform(0.5, 0.8);
  return [share, 1 - share].map((part, k) => ({
    ...light,
    magnitudes: light.magnitudes.map((m) => m - 2.5 * Math.log10(part)),
    q: Math.max(0.05, 0.6 * light.q),
    R: light.R * Math.sqrt(0.8),
    ...around(light, half, light.angle + (k === 0 ? Math.PI / 2 : -Math.PI / 2)),
  }));
}

/** A small spiral with a red core and blue arms, nearly face-on: through the seeing, a core with arcs around it. */
function redCore(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes["red core"];
  const at = centre(d);
  const i = draw(d, recipe.magnitude);
  const core = draw(d, recipe.core);
  const R = draw(d, recipe.size);
  const q = draw(d, recipe.q);
  const body = elliptical(d, i - 2.5 * Math.log10(core), at, setting);
  const bulge: Light = {
    ...body,
    part: "bulge",
    R: R * draw(d, recipe.coreSizeFactor),
    n: draw(d, recipe.coreN),
  };
  const smooth = draw(d, recipe.smooth);
  const disc: Light = {
    part: "disc",
    lensed: false,
    magnitudes: magnitudes(
      i - 2.5 * Math.log10((1 - core) * smooth + 0.01),
      discColour(d, setting, i),
      setting,
    ),
    R,
    n: draw(d, recipe.n),
    q,
    angle: d.orientation(),
    ...at,
  };
  const young = i - 2.5 * Math.log10((1 - core) * (1 - smooth));
  const colour = blueColour(d, setting, young);
  const outer = { ...disc, magnitudes: magnitudes(young, colour, setting) };
  const { annulusShare, flocculentShare, flocculent, grandDesign, knots } = setting.recipe.galaxies.spiral;
  const ring = { n: 0.5, R: R * draw(d, recipe.ringWidth), ring: R };
  const arms = d.chance(recipe.armedShare)
    ? {
        ...outer,
        part: "arms",
        ...(d.chance(annulusShare) ? ring : { n: draw(d, recipe.armsN) }),
        arms: armsOf(d, d.chance(flocculentShare) ? flocculent : grandDesign, R),
      }
    : { ...outer, part: "ring", ...ring, arms: partsOf(d, setting.recipe.lookAlikes.ring.parts, R) };
  return content("red core", [bulge, disc, arms, ...knotsAlong(d, knots, arms, i, colour, setting)]);
}

/** An ordinary red galaxy. */
function plainElliptical(d: Draws, setting: Setting): Content {
  const i = draw(d, setting.recipe.lookAlikes.elliptical.magnitude);
  const at = centre(d);
  const massive = asDeflector("lens", d, at, setting);
  if (massive !== null)
    return content("elliptical", [...massive.central, ...massive.members], massive.central.length);
  return content("elliptical", [elliptical(d, i, at, setting)]);
}

/** Red galaxies together, at one redshift. */
function group(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.group;
  const at = centre(d);
  const massive = asDeflector("group lens", d, at, setting);
  if (massive !== null)
    return content("group", [...massive.central, ...massive.members], massive.central.length);
  const i = draw(d, recipe.magnitude);
  const redshift = redRedshift(d, setting, i);
  const member = (magnitude: number, position: Position) =>
    elliptical(d, magnitude, position, setting, redColour(d, setting, redshift));
  const lights = [member(i, at)];
  const count = draw(d, recipe.more);
  for (let k = 0; k < count; k++)
    lights.push(member(i + draw(d, recipe.fainter), around(at, draw(d, recipe.distance), turn(d))));
  return content("group", lights, 1);
}

/** A clumpy disc, blue but for a core that some have. */
function irregular(d: Draws, setting: Setting): Content {
  const recipe = setting.recipe.lookAlikes.irregular;
  const at = centre(d);
  const i = draw(d, recipe.magnitude);
  const smooth = blueGalaxy(d, i, at, setting, "body");
  const R = smooth.R * draw(d, recipe.sizeFactor);
  const body: Light = { ...smooth, R, arms: armsOf(d, recipe.body, R) };
  const lights = [body];
  const count = draw(d, recipe.clumps);
  for (let k = 0; k < count; k++) {
    const position = around(at, body.R * draw(d, recipe.distance), turn(d));
    const clump = blueGalaxy(d, i + draw(d, recipe.fainter), position, setting, "clump");
    lights.push({ ...clump, R: draw(d, recipe.clumpSize) });
  }
  if (d.chance(recipe.coreShare)) {
    const core = elliptical(d, i + draw(d, recipe.coreFainter), at, setting);
    lights.push({ ...core, part: "bulge", R: body.R * draw(d, recipe.coreSizeFactor), n: 1 });
  }
  return content("irregular", lights);
}

/** A star, with whatever the field adds. */
function starAlone(d: Draws, setting: Setting): Content {
  return content("star", [star(d, draw(d, setting.recipe.lookAlikes.star.magnitude), centre(d), setting)]);
}

/** A small faint galaxy of any colour: most of what a detection catalogue holds. */
function faintGalaxy(d: Draws, setting: Setting): Content {
  const at = centre(d);
  const recipe = setting.recipe.lookAlikes["faint galaxy"];
  const i = draw(d, recipe.magnitude);
  return content("faint galaxy", [
    d.chance(recipe.redShare) ? elliptical(d, i, at, setting) : blueGalaxy(d, i, at, setting),
  ]);
}

/** Only what the field adds. */
function emptySky(): Content {
  return content("empty sky", []);
}

/** The function of each kind. */
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
