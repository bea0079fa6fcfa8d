/**
 * Lenses: a massive galaxy, alone or in a group, in front of a star-forming one, by the recipe's `lens`. Scenes that don't
 * count as a lens by its `least` are drawn again.
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { fluxOf, type Survey } from "../../sky/survey.ts";
import { comovingDistance, criticalDensity, einsteinRadius, luminosityDistance } from "../cosmology.ts";
import { draw, drawRedshift } from "../recipes/draw.ts";
import type { LensKind } from "../recipes/recipe.ts";
import { sourceImages } from "../recipes/source-images.ts";
import type { LensTruth, Light, Mass, Scene } from "../scene.ts";
import { subhaloes, vortexIn } from "../subhaloes.ts";
import { around, blueColour, centre, elliptical, magnitudes, redColour, type Setting } from "./galaxies.ts";
import { arcEstimate } from "./imaged.ts";
import { spiral } from "./spiral.ts";

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

/** @throws ArcletError naming the condition of `lens.least` that no draw meets */
export function lens(kind: LensKind, d: Draws, setting: Setting, observation: Observation): Content {
  const failed = { thetaEOverSeeing: 0, mostOfCutout: 0, magnification: 0, arcSnr: 0 };
  const { least, mostOfCutout } = setting.recipe.lens;
  for (let tries = 0; tries < TRIES; tries++) {
    const strength = strengthOf(d, setting);
    const { thetaE } = strength;
    if (thetaE < least.thetaEOverSeeing * setting.seeing) failed.thetaEOverSeeing++;
    else if (thetaE > mostOfCutout * setting.halfWidth) failed.mostOfCutout++;
    else {
      const content = drawLens(kind, d, setting, observation, strength);
      const { magnification, arcSnr } = content.truth!;
      if (magnification < least.magnification) failed.magnification++;
      else if (arcSnr < least.arcSnr) failed.arcSnr++;
      else return content;
    }
  }
  const [name] = Object.entries(failed).sort((a, b) => b[1] - a[1])[0]!;
  const [field, value] =
    name === "mostOfCutout"
      ? ["lens.mostOfCutout", mostOfCutout]
      : [`lens.least.${name}`, least[name as keyof typeof least]];
  throw new ArcletError({
    where: `recipe ${setting.recipe.name}`,
    code: "argument",
    problem: `${field} must be a value that its lenses can meet, got ${value}: none of ${TRIES} did (${observation.survey.name}, cutouts of ${(2 * setting.halfWidth).toFixed(1)} arcsec)`,
  });
}

interface Strength {
  thetaE: number;
  redshift: number | null;
  sourceRedshift: number | null;
  sigma: number | null;
}

function strengthOf(d: Draws, { recipe }: Setting): Strength {
  const { strength, redshifts } = recipe.lens;
  if (redshifts === null)
    return { thetaE: draw(d, strength.thetaE!), redshift: null, sourceRedshift: null, sigma: null };
  const { redshift, sourceRedshift } = redshiftsOf(d, recipe.lens.redshifts!, recipe);
  const pair = { redshift, sourceRedshift };
  const unit = einsteinRadius(recipe.cosmology, 1, redshift, sourceRedshift);
  if (strength.sigma === undefined) {
    const thetaE = draw(d, strength.thetaE!);
    return { thetaE, sigma: Math.sqrt(thetaE / unit), ...pair };
  }
  const sigma = draw(d, strength.sigma);
  return { thetaE: unit * sigma * sigma, sigma, ...pair };
}

/** A pair drawn in proportion to (D_ls / D_s)², the part of the lensing cross-section that the redshifts determine. */
function redshiftsOf(
  d: Draws,
  redshifts: NonNullable<Setting["recipe"]["lens"]["redshifts"]>,
  recipe: Setting["recipe"],
): { redshift: number; sourceRedshift: number } {
  for (let tries = 0; tries < TRIES; tries++) {
    const redshift = drawRedshift(d, redshifts.lens, recipe.cosmology);
    const sourceRedshift = drawRedshift(d, redshifts.source, recipe.cosmology);
    if (!(sourceRedshift > redshift + 0.01)) continue;
    const ratio =
      1 - comovingDistance(recipe.cosmology, redshift) / comovingDistance(recipe.cosmology, sourceRedshift);
    if (d.uniform() < ratio * ratio) return { redshift, sourceRedshift };
  }
  throw new ArcletError({
    where: `recipe ${recipe.name}`,
    code: "argument",
    problem: `lens.redshifts.source must be above the lens's, got none in ${TRIES} draws`,
  });
}

function drawLens(
  kind: LensKind,
  d: Draws,
  setting: Setting,
  observation: Observation,
  strength: Strength,
): Content {
  const recipe = setting.recipe.lens;
  const { thetaE, redshift, sigma } = strength;
  const at = centre(d);
  const i = deflectorMagnitude(d, setting, strength);
  const colour = redColour(d, setting, redshift ?? undefined);
  const deflector = d.chance(recipe.deflector.spiralShare)
    ? spiral(d, i, at, setting, draw(d, recipe.deflector.spiralQ), 0)
    : [elliptical(d, i, at, setting, colour)];
  const body = deflector[0]!;
  const mass: Mass = {
    thetaE,
    q: draw(d, recipe.deflector.massQ, { lightQ: body.q }),
    angle: body.angle + draw(d, recipe.deflector.misalignment),
    ...at,
    ...shear(d, setting),
  };
  const { members } = recipe;
  const count = draw(d, thetaE > members.richFrom ? members.rich : members.poor);
  const group: Light[] = Array.from({ length: count }, () => {
    const distance = draw(d, members.distance) * Math.max(members.leastRadius, thetaE);
    const position = around(at, distance, d.uniform(0, 2 * Math.PI));
    const memberColour = redColour(d, setting, redshift ?? undefined);
    return elliptical(d, i + draw(d, members.fainter), position, setting, memberColour);
  });
  const lights = source(d, mass, setting);
  const arcSnr =
    recipe.source.brightness.arcSnr === undefined ? null : draw(d, recipe.source.brightness.arcSnr);
  const { magnification, expected } = estimateOf(mass, lights, observation);
  const truth: LensTruth = {
    thetaEOverSeeing: thetaE / setting.seeing,
    magnification,
    arcSnr: arcSnr ?? expected,
    lensRedshift: redshift,
    sourceRedshift: strength.sourceRedshift,
    sigmaV: sigma,
  };
  const also = additions(kind, d, mass, strength, setting);
  return {
    kind,
    mass: also.length === 0 ? mass : { ...mass, also },
    lights: [...deflector, ...group, ...lights],
    central: deflector.length,
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
  if (kind === "lens") return [];
  const density = criticalDensity(recipe.cosmology, redshift!, sourceRedshift!);
  return subhaloes(d, { ...mass, criticalDensity: density }, recipe.lens.subhaloes);
}

function deflectorMagnitude(d: Draws, { recipe }: Setting, { thetaE, sigma, redshift }: Strength): number {
  const { magnitude, absolute } = recipe.lens.deflector;
  const value = draw(d, magnitude, { thetaE, sigma: sigma ?? 0, redshift: redshift ?? 0 });
  if (!absolute) return value;
  const distance = luminosityDistance(recipe.cosmology, redshift!); // Mpc
  return value + 5 * Math.log10(distance) + 25;
}

/** External shear. */
export function shear(d: Draws, { recipe }: Setting): { gamma1: number; gamma2: number } {
  const gamma = Math.abs(draw(d, recipe.lens.deflector.shear));
  const angle = d.orientation();
  return { gamma1: gamma * Math.cos(2 * angle), gamma2: gamma * Math.sin(2 * angle) };
}

/**
 * A disc with clumps, in the source plane. If the recipe scales arcs to a signal-to-noise only shape and colour matter,
 * and the disc has i = 24.
 */
export function source(d: Draws, mass: Pick<Mass, "x" | "y" | "thetaE">, setting: Setting): Light[] {
  const recipe = setting.recipe.lens.source;
  const at = around(mass, mass.thetaE * draw(d, recipe.offset), d.uniform(0, 2 * Math.PI));
  const colour = d.chance(recipe.redShare) ? redColour(d, setting) : blueColour(d, setting);
  const i = recipe.brightness.magnitude === undefined ? 24 : draw(d, recipe.brightness.magnitude);
  const known = { thetaE: mass.thetaE, magnitude: i };
  if (recipe.images !== null && d.chance(recipe.images.share)) {
    const all = sourceImages(recipe.images);
    const { image, halfLight } = all[Math.floor(d.uniform() * all.length)]!;
    const shape = { R: halfLight, n: 1, q: 1, angle: d.orientation(), image };
    return [{ part: "source", lensed: true, magnitudes: magnitudes(i, colour, setting), ...shape, ...at }];
  }
  const R = draw(d, recipe.size, known) * draw(d, recipe.sizeFactor, known);
  const disc: Light = {
    part: "source",
    lensed: true,
    magnitudes: magnitudes(i, colour, setting),
    R,
    n: draw(d, recipe.n),
    q: draw(d, recipe.q),
    angle: d.orientation(),
    ...at,
  };
  const spots = Array.from({ length: draw(d, recipe.clumps) }, (): Light => {
    const position = around(at, R * draw(d, recipe.clumpDistance), d.uniform(0, 2 * Math.PI));
    return {
      ...disc,
      part: "source clump",
      magnitudes: magnitudes(i + draw(d, recipe.clumpFainter), blueColour(d, setting), setting),
      R: draw(d, recipe.clumpSize),
      n: draw(d, recipe.clumpN),
      q: draw(d, recipe.clumpQ),
      ...position,
    };
  });
  return [disc, ...spots];
}

/**
 * Magnification of the source's disc, and the expected signal-to-noise √(Σ arcs² / σ²) of its arcs, if all of the
 * source's flux (clumps included) is imaged like the disc.
 */
function estimateOf(mass: Mass, lights: readonly Light[], { survey, seeing, skySigma }: Observation) {
  const { magnification, sharpness } = arcEstimate(mass, lights[0]!);
  let sum = 0;
  for (let band = 0; band < survey.bands.length; band++) {
    const flux = lights.reduce((all, { magnitudes: m }) => all + fluxOf(m[band]!, survey.zeroPoint), 0);
    sum += ((flux * sharpness(seeing[band]! * SIGMA_PER_FWHM) * survey.pixelScale) / skySigma[band]!) ** 2;
  }
  return { magnification, expected: Math.sqrt(sum) };
}
