/**
 * Groups as lenses, by the recipe's `lens.group`: a halo, a central galaxy and members, each with mass of its own. The
 * halo is an isothermal ellipsoid, galaxies are truncated isothermal spheres, σ ∝ L^¼ and the truncation radius ∝ L^½
 * (Jullo et al. 2007, New J. Phys. 9, 447, section 2.4).
 */
import type { Draws } from "../../foundation/random.ts";
import { ARCSEC, angularDistance, einsteinRadius } from "../cosmology.ts";
import type { TruncatedSis } from "../profiles/mass/registry.ts";
import { draw } from "../recipes/draw.ts";
import type { Mass } from "../scene.ts";
import { around, type Position, type Setting } from "./galaxies.ts";

/** Directions over which a galaxy's deflection is averaged. */
const DIRECTIONS = 64;

/** θ_E of a circle with an SIE's mean convergence 1, over the ellipsoid's own: √q / M(1, q), M the arithmetic-geometric mean. */
export function circularPart(q: number): number {
  let [a, b] = [1, q];
  while (a - b > 1e-12) [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
  return Math.sqrt(q) / a;
}

/** Deflection of a truncated isothermal sphere at a distance r, over r. */
export function deflectionOverRadius({ a, b }: Pick<TruncatedSis, "a" | "b">, r: number): number {
  return b * (1 / (r + 1e-12) - 1 / (Math.sqrt(r * r + a * a) + a));
}

/**
 * The part of the radius R of a circle that a galaxy's mass contributes to: R times its mean convergence there, which by
 * Gauss's theorem is its radial deflection averaged over the circle.
 */
export function contribution(galaxy: TruncatedSis, centre: Position, R: number): number {
  let sum = 0;
  for (let k = 0; k < DIRECTIONS; k++) {
    const angle = (2 * Math.PI * (k + 0.5)) / DIRECTIONS;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    const dx = centre.x + R * c - galaxy.x;
    const dy = centre.y + R * s - galaxy.y;
    sum += deflectionOverRadius(galaxy, Math.sqrt(dx * dx + dy * dy)) * (dx * c + dy * s);
  }
  return sum / DIRECTIONS;
}

/** A galaxy of the group: where it is, and how much fainter than the central one. */
interface Member extends Position {
  fainter: number;
}

/** Members of a group, brightest first. */
export function membersOf(d: Draws, centre: Position, thetaE: number, { recipe }: Setting): Member[] {
  const { members } = recipe.lens.group;
  const all = Array.from({ length: draw(d, members.count) }, (): Member => {
    const distance = draw(d, members.distance) * thetaE;
    return { ...around(centre, distance, d.uniform(0, 2 * Math.PI)), fainter: draw(d, members.fainter) };
  });
  return all.sort((a, b) => a.fainter - b.fainter);
}

interface GroupStrength {
  /** Of the whole. */
  thetaE: number;
  redshift: number;
  sourceRedshift: number;
  /** Of the central galaxy, km/s. */
  sigma: number;
}

/**
 * The group's mass: within a circle of `thetaE` about the halo's centre the mean convergence is 1.
 *
 * @param angle of the central galaxy's light
 * @returns null if the galaxies leave too little for the halo
 */
export function groupMass(
  d: Draws,
  { thetaE, redshift, sourceRedshift, sigma }: GroupStrength,
  centre: Position & { angle: number },
  members: readonly Member[],
  setting: Setting,
): Omit<Mass, "gamma1" | "gamma2"> | null {
  const { cosmology, lens } = setting.recipe;
  const { massive, truncation } = lens.group.members;
  const { q: haloQ, offset, leastShare } = lens.group.halo;
  const b = einsteinRadius(cosmology, sigma, redshift, sourceRedshift);
  const kpc = 1e-3 / (angularDistance(cosmology, redshift) * ARCSEC); // arcsec
  const a = draw(d, truncation) * kpc * (sigma / 200) ** 2;
  const galaxies = [{ x: centre.x, y: centre.y, fainter: 0 }, ...members.slice(0, massive)].map(
    ({ x, y, fainter }): TruncatedSis => {
      const root = 10 ** (-0.2 * fainter); // L^½
      return { a: a * root, b: b * root, x, y };
    },
  );
  const at = around(centre, draw(d, offset) * thetaE, d.uniform(0, 2 * Math.PI));
  const q = draw(d, haloQ);
  const rest = galaxies.reduce((left, galaxy) => left - contribution(galaxy, at, thetaE), thetaE);
  const angle = centre.angle + draw(d, lens.deflector.misalignment);
  if (rest < leastShare * thetaE) return null;
  const also = galaxies.map((galaxy) => ({ profile: "truncatedSis" as const, ...galaxy }));
  return { thetaE: rest / circularPart(q), q, angle, x: at.x, y: at.y, also };
}
