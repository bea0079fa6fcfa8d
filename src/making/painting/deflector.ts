/**
 * A galaxy as a deflector, from its light: redshift from colour, luminosity, velocity dispersion, Einstein radius.
 *
 *   redshift     the point on the track of passive colours (the default recipe's, after Eisenstein et al. 2001, AJ 122,
 *                2267) that is nearest to g − r and r − i, in units of the track's scatter
 *   luminosity   M_r = m_r − DM(z) − K(z) + 0.85 z, passive evolution as in Bernardi et al. (2003, AJ 125, 1849).
 *                K(z) = z + z² is ours: it follows the r band of passive spectra to about 0.1 mag up to z = 0.6
 *   dispersion   σ ∝ L^0.25 (Bernardi et al. 2003: 0.25 ± 0.012 in r*): log σ = 2.20 − 0.1 (M_r + 21.15), with their
 *                intrinsic scatter of 0.07 dex
 *   radius       an isothermal sphere's, with a source redshift from a normal of 2 ± 0.6 within [z + 0.3, 4] (ours)
 *
 * Einstein radii outside the requested range are drawn again: painted is the part of the galaxies' scatter that makes
 * visible lenses.
 */
import type { Draws } from "../../foundation/random.ts";
import { einsteinRadius, luminosityDistance, PLANCK15 } from "../../lensing/cosmology.ts";
import { DEFAULT } from "../../lensing/recipes/default.ts";
import { draw } from "../../lensing/recipes/draw.ts";

const { track: TRACK, scatter: SCATTER } = DEFAULT.colours.red;

/** Step and start of the redshifts that colours are compared with. */
const STEP = 0.005;
const LEAST_Z = 0.05;

/**
 * Redshift of a passive galaxy of these colours, and how far they are off the track, in scatters.
 *
 * @param ri null if not measured
 */
export function redshiftOf(gr: number, ri: number | null): { z: number; off: number } {
  let best = LEAST_Z;
  let least = Number.POSITIVE_INFINITY;
  const most = TRACK.at(-1)![0];
  for (let z = LEAST_Z; z <= most + 1e-9; z += STEP) {
    const [trackGr, trackRi] = coloursAt(z);
    const far = ((gr - trackGr) / SCATTER[0]) ** 2 + (ri === null ? 0 : ((ri - trackRi) / SCATTER[1]) ** 2);
    if (far < least) [best, least] = [z, far];
  }
  return { z: best, off: Math.sqrt(least) };
}

function coloursAt(z: number): [number, number] {
  const next = Math.min(
    TRACK.length - 1,
    Math.max(
      1,
      TRACK.findIndex(([redshift]) => redshift >= z),
    ),
  );
  const [low, high] = [TRACK[next - 1]!, TRACK[next]!];
  const part = (z - low[0]) / (high[0] - low[0]);
  return [low[1] + part * (high[1] - low[1]), low[2] + part * (high[2] - low[2])];
}

/** Absolute r magnitude, evolved to today. */
export function absoluteMagnitude(r: number, z: number): number {
  const modulus = 5 * Math.log10(luminosityDistance(PLANCK15, z)) + 25;
  return r - modulus - (z + z * z) + 0.85 * z;
}

const DEX = 0.07;

/** Median velocity dispersion at an absolute r magnitude, km/s. */
export const dispersionOf = (absolute: number): number => 10 ** (2.2 - 0.1 * (absolute + 21.15));

export interface Strength {
  /** km/s. */
  sigma: number;
  zSource: number;
  /** arcsec. */
  thetaE: number;
}

/** The largest plausible Einstein radius, arcsec: dispersion two scatters above the relation, a source at redshift 3. */
export const mostThetaE = (r: number, z: number): number =>
  einsteinRadius(PLANCK15, dispersionOf(absoluteMagnitude(r, z)) * 10 ** (2 * DEX), z, 3);

/**
 * @param r apparent magnitude
 * @param z the deflector's redshift, for which `mostThetaE` is above `range[0]`
 * @param range Einstein radii to accept, arcsec
 * @returns null if none of a thousand draws is in range
 */
export function drawStrength(
  d: Draws,
  r: number,
  z: number,
  range: readonly [number, number],
): Strength | null {
  const median = dispersionOf(absoluteMagnitude(r, z));
  for (let tries = 0; tries < 1000; tries++) {
    const sigma = median * 10 ** d.normal(0, DEX);
    const zSource = sourceRedshift(d, z);
    const thetaE = einsteinRadius(PLANCK15, sigma, z, zSource);
    if (thetaE >= range[0] && thetaE <= range[1]) return { sigma, zSource, thetaE };
  }
  return null;
}

/** Behind the deflector by 0.3 at least, and below 4 unless the deflector is about as far. */
function sourceRedshift(d: Draws, z: number): number {
  const nearest = z + 0.3;
  return nearest < 3.5 ? draw(d, { normal: [2, 0.6], within: [nearest, 4] }) : nearest;
}
