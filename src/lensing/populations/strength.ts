/** How strong a lens is: its Einstein radius, redshifts and velocity dispersion, by the recipe's `lens`. */
import { ArcletError } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { type Cosmology, comovingDistance, einsteinRadius, velocityDispersion } from "../cosmology.ts";
import { draw, drawRedshift } from "../recipes/draw.ts";
import type { Setting } from "./galaxies.ts";

/** Draws of redshifts before they are taken to be impossible; and those that one of is chosen for an Einstein radius. */
const TRIES = 2000;
const PAIRS = 12;

export interface Strength {
  thetaE: number;
  redshift: number | null;
  sourceRedshift: number | null;
  sigma: number | null;
}

/** @returns null if none of the redshifts drawn makes a dispersion of the range of the Einstein radius */
export function strengthOf(d: Draws, { recipe }: Setting): Strength | null {
  const { strength, redshifts } = recipe.lens;
  if (redshifts === null)
    return { thetaE: draw(d, strength.thetaE!), redshift: null, sourceRedshift: null, sigma: null };
  if (strength.sigma === undefined) return strengthByRadius(d, draw(d, strength.thetaE!), recipe);
  const pair = redshiftsOf(d, redshifts, recipe);
  const unit = einsteinRadius(recipe.cosmology, 1, pair.redshift, pair.sourceRedshift);
  const sigma = draw(d, strength.sigma);
  return { thetaE: unit * sigma * sigma, sigma, ...pair };
}

/**
 * Redshifts that go with an Einstein radius. The cross-section, θ_E², is the same for all of them, so that pairs count by
 * how many galaxies have the dispersion that they need: dN/dθ_E ∝ σ dN/dσ. One of some pairs is chosen by that weight.
 */
function strengthByRadius(d: Draws, thetaE: number, recipe: Setting["recipe"]): Strength | null {
  const { dispersions } = recipe.lens;
  if (dispersions === null) {
    const pair = redshiftsOf(d, recipe.lens.redshifts!, recipe);
    return { thetaE, sigma: sigmaOf(thetaE, pair, recipe), ...pair };
  }
  const { alpha, beta, scale, within } = dispersions;
  const pairs = Array.from({ length: PAIRS }, () => {
    const pair = anyRedshifts(d, recipe.lens.redshifts!, recipe);
    const sigma = pair === null ? 0 : nearlySigmaOf(thetaE, pair, recipe);
    const counts = sigma >= within[0] && sigma <= within[1];
    const weight = counts ? (sigma / scale) ** alpha * Math.exp(-((sigma / scale) ** beta)) : 0;
    return { pair, weight };
  });
  let remaining = d.uniform() * pairs.reduce((sum, { weight }) => sum + weight, 0);
  for (const { pair, weight } of pairs) {
    if (weight === 0) continue;
    remaining -= weight;
    if (remaining <= 0) return { thetaE, sigma: sigmaOf(thetaE, pair!, recipe), ...pair! };
  }
  return null;
}

/** The dispersion that makes an Einstein radius, km/s. */
const sigmaOf = (thetaE: number, pair: Redshifts, { cosmology }: Setting["recipe"]): number =>
  velocityDispersion(cosmology, thetaE, pair.redshift, pair.sourceRedshift);

/** The same from interpolated distances, to one part in a thousand: to choose from many pairs. */
function nearlySigmaOf(
  thetaE: number,
  { redshift, sourceRedshift }: Redshifts,
  { cosmology }: Setting["recipe"],
) {
  const distance = distancesOf(cosmology);
  const ratio = 1 - distance(redshift) / distance(sourceRedshift);
  return 1000 * Math.sqrt(thetaE / (SPHERE_OF_1000 * ratio));
}

/** 4π (1000 km/s / c)², arcsec. */
const SPHERE_OF_1000 = 28.84;

/** Comoving distances up to redshift 20 by interpolation, as long as the cosmology lives. */
function distancesOf(cosmology: Cosmology): (z: number) => number {
  const known = interpolated.get(cosmology);
  if (known !== undefined) return known;
  const STEP = 0.02;
  const table = Float64Array.from({ length: 20 / STEP + 2 }, (_, k) => comovingDistance(cosmology, k * STEP));
  const distance = (z: number): number => {
    const k = Math.floor(z / STEP);
    return table[k]! + (z / STEP - k) * (table[k + 1]! - table[k]!);
  };
  interpolated.set(cosmology, distance);
  return distance;
}
const interpolated = new WeakMap<Cosmology, (z: number) => number>();

/** A group's Einstein radius, and its central galaxy's dispersion. */
export function groupStrength(d: Draws, { recipe }: Setting): Strength {
  const pair = redshiftsOf(d, recipe.lens.redshifts!, recipe);
  return { thetaE: draw(d, recipe.lens.group.thetaE), sigma: draw(d, recipe.lens.group.sigma), ...pair };
}

interface Redshifts {
  redshift: number;
  sourceRedshift: number;
}
type RedshiftRecipe = NonNullable<Setting["recipe"]["lens"]["redshifts"]>;

/** A pair as the recipe's distributions give it; null if the source is not behind the lens. */
function anyRedshifts(d: Draws, redshifts: RedshiftRecipe, recipe: Setting["recipe"]): Redshifts | null {
  const redshift = drawRedshift(d, redshifts.lens, recipe.cosmology);
  const sourceRedshift = drawRedshift(d, redshifts.source, recipe.cosmology);
  return sourceRedshift > redshift + 0.01 ? { redshift, sourceRedshift } : null;
}

/** A pair drawn in proportion to (D_ls / D_s)², the part of the lensing cross-section that the redshifts determine. */
function redshiftsOf(d: Draws, redshifts: RedshiftRecipe, recipe: Setting["recipe"]): Redshifts {
  const { cosmology } = recipe;
  for (let tries = 0; tries < TRIES; tries++) {
    const pair = anyRedshifts(d, redshifts, recipe);
    if (pair === null) continue;
    const ratio =
      1 - comovingDistance(cosmology, pair.redshift) / comovingDistance(cosmology, pair.sourceRedshift);
    if (d.uniform() < ratio * ratio) return pair;
  }
  throw new ArcletError({
    where: `recipe ${recipe.name}`,
    code: "argument",
    problem: `lens.redshifts.source must be above the lens's, got none in ${TRIES} draws`,
  });
}
