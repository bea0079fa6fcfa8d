/**
 * A galaxy as a deflector, from its light: redshift from colour and brightness, luminosity, velocity dispersion,
 * Einstein radius.
 *
 *   redshift     drawn from the posterior: the distance of g − r and r − i from the track of passive colours (the default
 *                recipe's, after Eisenstein et al. 2001, AJ 122, 2267), in units of the track's scatter and the
 *                measurement's error; times the luminosity function of early-type galaxies (Bernardi et al. 2003, AJ 125,
 *                1849: normal, M_r = −21.15 ± 0.84) and the volume. Beyond redshift 0.5 g − r says nothing, and colours
 *                alone would pile up at the track's end
 *   luminosity   M_r = m_r − DM(z) − K(z) + 0.85 z, passive evolution as in Bernardi et al. (2003).
 *                K(z) = z + z² is ours: it follows the r band of passive spectra to about 0.1 mag up to z = 0.6
 *   dispersion   σ ∝ L^0.25 (Bernardi et al. 2003: 0.25 ± 0.012 in r*): log σ = 2.20 − 0.1 (M_r + 21.15), with their
 *                intrinsic scatter of 0.07 dex
 *   group        a share of the galaxies brighter than M_r = −21.8, as the first of groups are, has the mass of a group:
 *                lenses 2 to 18 arcsec wide are what More et al. (2012, ApJ 749, 38) found in CFHTLS. Einstein radii are
 *                then uniform in their logarithm from the galaxy's own to the largest that the cutout shows, for
 *                dispersions up to 900 km/s (ours)
 *   radius       an isothermal sphere's, with a source redshift from a normal of 2 ± 0.6 within [z + 0.3, 4] (ours)
 *
 * Einstein radii outside the requested range are drawn again: painted is the part of the galaxies' scatter that makes
 * visible lenses.
 */
import type { Draws } from "../../foundation/random.ts";
import { comovingDistance, einsteinRadius, luminosityDistance, PLANCK15 } from "../../lensing/cosmology.ts";
import { DEFAULT } from "../../lensing/recipes/default.ts";
import { draw } from "../../lensing/recipes/draw.ts";

const { track: TRACK, scatter: SCATTER } = DEFAULT.colours.red;

/** Step and start of the redshifts that colours are compared with. */
const STEP = 0.005;
const LEAST_Z = 0.05;

/** A galaxy's colours and brightness. */
export interface Seen {
  gr: number;
  /** Null if not measured. */
  ri: number | null;
  /** Apparent r magnitude; null to go by the colours alone. */
  r: number | null;
  /** Standard errors of g − r and r − i. */
  errors: readonly [number, number];
}

/**
 * Redshift of a passive galaxy, and how far its colours are off the track at best, in standard deviations.
 *
 * @param quantile of the posterior, from 0 to 1: drawn uniformly it makes the redshift a draw; null for the most probable
 */
export function redshiftOf({ gr, ri, r, errors }: Seen, quantile: number | null): { z: number; off: number } {
  const [sigmaGr, sigmaRi] = [Math.hypot(SCATTER[0], errors[0]), Math.hypot(SCATTER[1], errors[1])];
  const logs = GRID.map(({ colours: [trackGr, trackRi], evolved, logVolume }) => {
    const far = ((gr - trackGr) / sigmaGr) ** 2 + (ri === null ? 0 : ((ri - trackRi) / sigmaRi) ** 2);
    return {
      far,
      log: -far / 2 + (r === null ? 0 : logVolume - ((r + evolved - TYPICAL) / LUMINOSITIES) ** 2 / 2),
    };
  });
  const off = Math.sqrt(Math.min(...logs.map(({ far }) => far)));
  const top = Math.max(...logs.map(({ log }) => log));
  if (quantile === null) return { z: GRID[logs.findIndex(({ log }) => log === top)]!.z, off };
  const shares = logs.map(({ log }) => Math.exp(log - top));
  let left = quantile * shares.reduce((sum, share) => sum + share, 0);
  for (const [k, share] of shares.entries()) {
    // Uniform within the step, so that redshifts don't come in steps.
    if (left <= share) return { z: GRID[k]!.z + STEP * (left / share - 0.5), off };
    left -= share;
  }
  return { z: GRID.at(-1)!.z, off };
}

/** Of early-type galaxies in r, and the luminosity function's scatter, magnitudes (Bernardi et al. 2003). */
const TYPICAL = -21.15;
const LUMINOSITIES = 0.84;

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

/** The redshifts that a galaxy is compared with: the track's colours, the absolute magnitude of r = 0, the volume. */
const GRID = Array.from({ length: Math.round((TRACK.at(-1)![0] - LEAST_Z) / STEP) + 1 }, (_, k) => {
  const z = LEAST_Z + k * STEP;
  const volume =
    comovingDistance(PLANCK15, z + STEP / 2) ** 3 - comovingDistance(PLANCK15, z - STEP / 2) ** 3;
  return { z, colours: coloursAt(z), evolved: absoluteMagnitude(0, z), logVolume: Math.log(volume) };
});

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
  /** Whose mass it is. */
  halo: "galaxy" | "group";
}

/** The first galaxies of groups are brighter than this, M_r. */
const LUMINOUS = -21.8;
/** Of a group's isothermal halo at most, km/s. */
const MOST_SIGMA = 900;

/** The dispersion two scatters above the relation, a source at redshift 3. */
const mostOfGalaxy = (r: number, z: number): number =>
  einsteinRadius(PLANCK15, dispersionOf(absoluteMagnitude(r, z)) * 10 ** (2 * DEX), z, 3);

const mayLeadGroup = (r: number, z: number, groupShare: number): boolean =>
  groupShare > 0 && absoluteMagnitude(r, z) < LUMINOUS;

/** The largest plausible Einstein radius, arcsec, of the galaxy or of a group that it may lead. */
export const mostThetaE = (r: number, z: number, groupShare: number): number =>
  mayLeadGroup(r, z, groupShare) ? einsteinRadius(PLANCK15, MOST_SIGMA, z, 3) : mostOfGalaxy(r, z);

/**
 * @param r apparent magnitude
 * @param z the deflector's redshift, for which `mostThetaE` is above `range[0]`
 * @param range Einstein radii to accept, arcsec
 * @param groupShare share of luminous galaxies with a group's mass
 * @returns null if none of a thousand draws is in range
 */
export function drawStrength(
  d: Draws,
  r: number,
  z: number,
  range: readonly [number, number],
  groupShare: number,
): Strength | null {
  const median = dispersionOf(absoluteMagnitude(r, z));
  // Where a galaxy's own arcs would be on full pixels, a group's may be clear of them.
  const alone = mostOfGalaxy(r, z) >= range[0];
  const group = mayLeadGroup(r, z, groupShare) && (!alone || d.chance(groupShare));
  for (let tries = 0; tries < 1000; tries++) {
    if (group) {
      const zSource = sourceRedshift(d, z);
      const unit = einsteinRadius(PLANCK15, 1, z, zSource);
      const least = Math.max(range[0], unit * median ** 2);
      const most = Math.min(range[1], unit * MOST_SIGMA ** 2);
      if (least >= most) continue;
      const thetaE = d.logUniform(least, most);
      return { sigma: Math.sqrt(thetaE / unit), zSource, thetaE, halo: "group" };
    }
    const sigma = median * 10 ** d.normal(0, DEX);
    const zSource = sourceRedshift(d, z);
    const thetaE = einsteinRadius(PLANCK15, sigma, z, zSource);
    if (thetaE >= range[0] && thetaE <= range[1]) return { sigma, zSource, thetaE, halo: "galaxy" };
  }
  return null;
}

/** Behind the deflector by 0.3 at least, and below 4 unless the deflector is about as far. */
function sourceRedshift(d: Draws, z: number): number {
  const nearest = z + 0.3;
  return nearest < 3.5 ? draw(d, { normal: [2, 0.6], within: [nearest, 4] }) : nearest;
}
