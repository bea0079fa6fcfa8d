/** Star-forming clumps in a disc. */
import type { Draws } from "../../../foundation/random.ts";
import { gaussian, type Sersic } from "./sersic.ts";

export interface Clump extends Sersic {
  /** Fraction of the galaxy's flux. */
  share: number;
}

/** How much of a galaxy's light is in clumps. */
export interface ClumpOptions {
  /** Number of clumps. */
  count: number;
  /** Fraction of the galaxy's flux in clumps, in [0, 1]: 0.1 to 0.3 at redshift 1 to 3 (Guo et al. 2015, ApJ 800, 39). */
  share: number;
  /** Median radius of a clump (its Gaussian's sigma), arcsec; drawn with a scatter of 0.3 in its logarithm. */
  sigma: number;
}

/**
 * Round Gaussian clumps in the plane of a disc, at the radii of an exponential disc's light (the sum of two exponential
 * draws) up to 3 R. Fluxes follow dN/dL ∝ L^−2 over a factor of ten (Dessauges-Zavadsky & Adamo 2018, MNRAS 479, L118).
 */
export function clumps(d: Draws, disc: Sersic, { count, share, sigma }: ClumpOptions): Clump[] {
  const scale = disc.R / 1.678; // exponential scale length of a half-light radius
  const luminosity = Array.from({ length: count }, () => 1 / (1 - 0.9 * d.uniform()));
  const total = luminosity.reduce((sum, value) => sum + value, 0);
  return luminosity.map((value) => {
    const radius = Math.min(3 * disc.R, -scale * Math.log((1 - d.uniform()) * (1 - d.uniform())));
    const turn = d.uniform(0, 2 * Math.PI);
    const u = (radius * Math.cos(turn)) / Math.sqrt(disc.q);
    const v = radius * Math.sin(turn) * Math.sqrt(disc.q);
    const [c, s] = [Math.cos(disc.angle), Math.sin(disc.angle)];
    return {
      ...gaussian(sigma * Math.exp(d.normal(0, 0.3))),
      q: 1,
      angle: 0,
      x: disc.x + u * c - v * s,
      y: disc.y + u * s + v * c,
      share: (share * value) / total,
    };
  });
}
