/**
 * Lenses: a massive galaxy, alone or in a group, in front of a star-forming one, by the recipe's `lens`. Scenes that don't
 * count as a lens by its `least` are drawn again.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { criticalDensity } from "../cosmology.ts";
import { draw } from "../recipes/draw.ts";
import type { LensKind } from "../recipes/recipe.ts";
import type { LensTruth, Mass, Scene } from "../scene.ts";
import { subhaloes, vortexIn } from "../subhaloes.ts";
import { contrastOf, expectedSnr } from "./contrast.ts";
import { deflectorMagnitude, galaxyOf, groupOf } from "./deflectors.ts";
import { centre, type Setting } from "./galaxies.ts";
import { arcEstimate } from "./imaged.ts";
import type { Observation } from "./observation.ts";
import { quasar, source } from "./source.ts";
import { groupStrength, type Strength, strengthOf } from "./strength.ts";

/** A scene without the values of its observation. */
export type Content = Pick<Scene, "kind" | "mass" | "lights" | "central" | "arcSnr" | "truth">;

/** Draws of one scene before its conditions are taken to be impossible. */
const TRIES = 2000;

/** Why a scene is drawn again. */
type Condition =
  | "dispersions"
  | "thetaEOverSeeing"
  | "mostOfCutout"
  | "apparent"
  | "leastShare"
  | "contrast"
  | "magnification"
  | "arcSnr";

/** @throws ArcletError naming the condition that no draw meets */
export function lens(kind: LensKind, d: Draws, setting: Setting, observation: Observation): Content {
  const failed = new Map<Condition, number>();
  for (let tries = 0; tries < TRIES; tries++) {
    const content = drawn(kind, d, setting, observation);
    if (typeof content !== "string") return content;
    failed.set(content, (failed.get(content) ?? 0) + 1);
  }
  const [name] = [...failed].sort((a, b) => b[1] - a[1])[0]!;
  throw noLens(name, setting, observation);
}

/** A lens, or the condition that it does not meet. */
function drawn(kind: LensKind, d: Draws, setting: Setting, observation: Observation): Content | Condition {
  const { least, mostOfCutout } = setting.recipe.lens;
  const strength = kind === "group lens" ? groupStrength(d, setting) : strengthOf(d, setting);
  if (strength === null) return "dispersions";
  if (strength.thetaE < least.thetaEOverSeeing * setting.seeing) return "thetaEOverSeeing";
  if (strength.thetaE > mostOfCutout * setting.halfWidth) return "mostOfCutout";
  const content = drawLens(kind, d, setting, observation, strength);
  if (typeof content === "string") return content;
  const { magnification, arcSnr } = content.truth!;
  if (magnification < least.magnification) return "magnification";
  return arcSnr < least.arcSnr ? "arcSnr" : content;
}

function noLens(name: Condition, setting: Setting, { survey }: Observation): ArcletError {
  const { least, mostOfCutout, dispersions, deflector, group } = setting.recipe.lens;
  const fields: Partial<Record<Condition, [string, unknown]>> = {
    mostOfCutout: ["lens.mostOfCutout", mostOfCutout],
    dispersions: ["lens.dispersions.within", dispersions?.within],
    apparent: ["lens.deflector.apparent", deflector.apparent],
    leastShare: ["lens.group.halo.leastShare", group.halo.leastShare],
  };
  const [field, value] = fields[name] ?? [`lens.least.${name}`, least[name as keyof typeof least]];
  return new ArcletError({
    where: `recipe ${setting.recipe.name}`,
    code: "argument",
    problem: `${field} must be a value that its lenses can meet, got ${JSON.stringify(value)}: none of ${TRIES} did (${survey.name}, cutouts of ${(2 * setting.halfWidth).toFixed(1)} arcsec)`,
  });
}

/** @returns the condition that the scene does not meet, if there is one before its arcs are known */
function drawLens(
  kind: LensKind,
  d: Draws,
  setting: Setting,
  observation: Observation,
  strength: Strength,
): Content | Condition {
  const { thetaE, redshift, sigma, sourceRedshift } = strength;
  const { apparent } = setting.recipe.lens.deflector;
  const at = centre(d);
  const i = deflectorMagnitude(d, setting, strength);
  if (apparent !== null && (i < apparent[0] || i > apparent[1])) return "apparent";
  const deflector = (kind === "group lens" ? groupOf : galaxyOf)(d, i, at, setting, strength);
  if (deflector === null) return "leastShare";
  const { mass } = deflector;
  const axis = { ...mass, thetaE };
  const lights =
    kind === "lensed quasar"
      ? quasar(d, axis, setting)
      : source(d, axis, setting, kind === "group lens" ? setting.recipe.lens.group.offset : undefined);
  const { arcSnr: scaled } = setting.recipe.lens.source.brightness;
  const arcSnr = scaled === undefined ? null : draw(d, scaled);
  const estimate = arcEstimate(mass, lights[0]!);
  const least = setting.recipe.lens.least.contrast;
  const inFront = [...deflector.central, ...deflector.members];
  if (least > 0 && contrastOf({ mass, thetaE, lights, inFront, arcSnr }, estimate, observation) < least)
    return "contrast";
  const truth: LensTruth = {
    thetaE,
    thetaEOverSeeing: thetaE / setting.seeing,
    magnification: estimate.magnification,
    arcSnr: arcSnr ?? expectedSnr(estimate, lights, observation),
    lensRedshift: redshift,
    sourceRedshift,
    sigmaV: sigma,
  };
  const also = [...(mass.also ?? []), ...additions(kind, d, mass, strength, setting)];
  return {
    kind,
    mass: also.length === 0 ? mass : { ...mass, also },
    lights: [...inFront, ...lights],
    central: deflector.central.length,
    arcSnr,
    truth,
  };
}

/** The mass that the kind's dark matter adds. */
function additions(
  kind: LensKind,
  d: Draws,
  mass: Mass,
  { redshift, sourceRedshift }: Strength,
  { recipe }: Setting,
) {
  if (kind === "lens with vortex") return vortexIn(d, mass, recipe.lens.vortex);
  if (kind !== "lens with subhaloes") return [];
  const density = criticalDensity(recipe.cosmology, redshift!, sourceRedshift!);
  return subhaloes(d, { ...mass, criticalDensity: density }, recipe.lens.subhaloes);
}
