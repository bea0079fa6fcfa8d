/**
 * Lenses: a massive galaxy, alone or in a group, in front of a star-forming one, by the recipe's `lens`. Scenes that don't
 * count as a lens by its `least` are drawn again.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { fluxOf, type Survey } from "../../sky/survey.ts";
import { criticalDensity } from "../cosmology.ts";
import { draw } from "../recipes/draw.ts";
import type { LensKind } from "../recipes/recipe.ts";
import type { LensTruth, Light, Mass, Scene } from "../scene.ts";
import { subhaloes, vortexIn } from "../subhaloes.ts";
import { contrastOf } from "./contrast.ts";
import { deflectorMagnitude, galaxyOf, groupOf } from "./deflectors.ts";
import { around, centre, type Setting } from "./galaxies.ts";
import { type ArcEstimate, arcEstimate } from "./imaged.ts";
import { quasar, source } from "./source.ts";
import { groupStrength, type Strength, strengthOf } from "./strength.ts";

/** A scene without the values of its observation. */
export type Content = Pick<Scene, "kind" | "mass" | "lights" | "central" | "arcSnr" | "truth">;

/** The survey and the conditions of the observation. */
export interface Observation {
  survey: Survey;
  seeing: readonly number[];
  skySigma: readonly number[];
}

/** Draws of one scene before its conditions are taken to be impossible. */
const TRIES = 2000;

/** Why scenes were drawn again, how often. */
interface Failed {
  dispersions: number;
  thetaEOverSeeing: number;
  mostOfCutout: number;
  apparent: number;
  leastShare: number;
  contrast: number;
  magnification: number;
  arcSnr: number;
}

/** @throws ArcletError naming the condition that no draw meets */
export function lens(kind: LensKind, d: Draws, setting: Setting, observation: Observation): Content {
  const failed: Failed = {
    dispersions: 0,
    thetaEOverSeeing: 0,
    mostOfCutout: 0,
    apparent: 0,
    leastShare: 0,
    contrast: 0,
    magnification: 0,
    arcSnr: 0,
  };
  const { least, mostOfCutout } = setting.recipe.lens;
  for (let tries = 0; tries < TRIES; tries++) {
    const strength = kind === "group lens" ? groupStrength(d, setting) : strengthOf(d, setting);
    if (strength === null) {
      failed.dispersions++;
      continue;
    }
    const { thetaE } = strength;
    if (thetaE < least.thetaEOverSeeing * setting.seeing) failed.thetaEOverSeeing++;
    else if (thetaE > mostOfCutout * setting.halfWidth) failed.mostOfCutout++;
    else {
      const content = drawLens(kind, d, setting, observation, strength);
      if (typeof content === "string") {
        failed[content]++;
        continue;
      }
      const { magnification, arcSnr } = content.truth!;
      if (magnification < least.magnification) failed.magnification++;
      else if (arcSnr < least.arcSnr) failed.arcSnr++;
      else return content;
    }
  }
  throw noLens(failed, setting, observation);
}

function noLens(failed: Failed, setting: Setting, { survey }: Observation): ArcletError {
  const { least, mostOfCutout, strength, deflector, group } = setting.recipe.lens;
  const [name] = Object.entries(failed).sort((a, b) => b[1] - a[1])[0]! as [keyof Failed, number];
  const fields: Partial<Record<keyof Failed, [string, unknown]>> = {
    mostOfCutout: ["lens.mostOfCutout", mostOfCutout],
    dispersions: ["lens.strength.dispersions.within", strength.dispersions?.within],
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
): Content | "apparent" | "leastShare" | "contrast" {
  const { thetaE, redshift, sigma, sourceRedshift } = strength;
  const { apparent } = setting.recipe.lens.deflector;
  const at = centre(d);
  const i = deflectorMagnitude(d, setting, strength);
  if (apparent !== null && (i < apparent[0] || i > apparent[1])) return "apparent";
  const drawn = kind === "group lens" ? groupOf : galaxyOf;
  const deflector = drawn(d, i, at, setting, strength);
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
  const { least } = setting.recipe.lens;
  if (least.contrast > 0) {
    const scale = arcSnr === null ? 1 : arcSnr / expectedSnr(estimate, lights, observation);
    const direction = Math.atan2(lights[0]!.y - mass.y, lights[0]!.x - mass.x);
    const distance = thetaE + Math.hypot(lights[0]!.y - mass.y, lights[0]!.x - mass.x);
    const inFront = [...deflector.central, ...deflector.members];
    const image = around(mass, distance, direction);
    const contrast = contrastOf(estimate, lights, scale, inFront, image, observation);
    if (contrast < least.contrast) return "contrast";
  }
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
    lights: [...deflector.central, ...deflector.members, ...lights],
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

/**
 * The expected signal-to-noise √(Σ arcs² / σ²) of the arcs of a source, if all of its flux (clumps included) is imaged
 * like its disc.
 */
function expectedSnr(
  { sharpness }: ArcEstimate,
  lights: readonly Light[],
  { survey, seeing, skySigma }: Observation,
): number {
  let sum = 0;
  for (let band = 0; band < survey.bands.length; band++) {
    const flux = lights.reduce((all, { magnitudes: m }) => all + fluxOf(m[band]!, survey.zeroPoint), 0);
    sum += ((flux * sharpness(seeing[band]! * SIGMA_PER_FWHM) * survey.pixelScale) / skySigma[band]!) ** 2;
  }
  return Math.sqrt(sum);
}
