/**
 * Cosmological distances, and lens quantities that depend on them: a flat universe of matter and a cosmological constant
 * (without radiation, one part in 10,000 at the redshifts of lenses).
 */
import { refuse } from "../foundation/errors.ts";

export interface Cosmology {
  /** Hubble constant, km/s/Mpc. */
  H0: number;
  /** Matter density over the critical density, today. */
  matter: number;
}

/** Planck Collaboration XIII (2016, A&A 594, A13), table 4, last column. */
export const PLANCK15: Cosmology = { H0: 67.74, matter: 0.3089 };

/** Speed of light, km/s. */
const C = 299_792.458;
/** Newton's constant, Mpc (km/s)² per solar mass. */
const G = 4.30091e-9;
export const ARCSEC = Math.PI / (180 * 3600);

/** E(z) = H(z) / H0. */
const expansion = ({ matter }: Cosmology, z: number): number => Math.sqrt(matter * (1 + z) ** 3 + 1 - matter);

const NODES = gaussLegendre(24);

/** Nodes and weights on [−1, 1]: the roots of the Legendre polynomial, by Newton's iteration. */
function gaussLegendre(n: number): { x: number; weight: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step++) {
      let [value, before] = [1, 0];
      for (let k = 1; k <= n; k++)
        [value, before] = [((2 * k - 1) * x * value - (k - 1) * before) / k, value];
      slope = (n * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return { x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}

function checkRedshift(where: string, name: string, z: number): void {
  if (!(z >= 0 && Number.isFinite(z))) refuse(where, name, "a redshift of at least 0", z);
}

/**
 * Comoving distance to redshift z, Mpc: c / H0 ∫ dz / E(z) (Hogg 1999, astro-ph/9905116, eq. 15), integrated in ln(1 + z)
 * by the Gauss-Legendre rule, accurate to 1e-12.
 */
export function comovingDistance(cosmology: Cosmology, z: number): number {
  checkRedshift("comovingDistance", "z", z);
  const half = Math.log1p(z) / 2;
  const sum = NODES.reduce((total, { x, weight }) => {
    const a = Math.exp(half * (1 + x)); // 1 + z
    return total + (weight * a) / expansion(cosmology, a - 1);
  }, 0);
  return (C / cosmology.H0) * half * sum;
}

/** Angular diameter distance from redshift z1 to z2 ≥ z1, Mpc (Hogg 1999, eqs. 18 and 19, without curvature). */
export function angularDistance(cosmology: Cosmology, z2: number, z1 = 0): number {
  checkRedshift("angularDistance", "z1", z1);
  if (!(z2 >= z1)) refuse("angularDistance", "z2", `a redshift of at least ${z1}`, z2);
  return (comovingDistance(cosmology, z2) - comovingDistance(cosmology, z1)) / (1 + z2);
}

/** Luminosity distance, Mpc (Hogg 1999, eq. 21). */
export const luminosityDistance = (cosmology: Cosmology, z: number): number =>
  comovingDistance(cosmology, z) * (1 + z);

/** The distances of a lens and a source behind it, Mpc. @throws ArcletError when the source is not behind the lens */
function pair(cosmology: Cosmology, zLens: number, zSource: number) {
  if (!(zLens > 0)) refuse("lens", "redshift", "above 0", zLens);
  if (!(zSource > zLens)) refuse("source", "redshift", `above the lens's ${zLens}`, zSource);
  const [near, far] = [comovingDistance(cosmology, zLens), comovingDistance(cosmology, zSource)];
  return { lens: near / (1 + zLens), source: far / (1 + zSource), between: (far - near) / (1 + zSource) };
}

/** Critical surface density, c² D_s / (4π G D_l D_ls), solar masses per arcsec² of the lens plane. */
export function criticalDensity(cosmology: Cosmology, zLens: number, zSource: number): number {
  const { lens, source, between } = pair(cosmology, zLens, zSource);
  return ((C * C * source) / (4 * Math.PI * G * lens * between)) * (lens * ARCSEC) ** 2;
}

/** Einstein radius of a singular isothermal sphere, 4π (σ / c)² D_ls / D_s, arcsec; sigma in km/s. */
export function einsteinRadius(cosmology: Cosmology, sigma: number, zLens: number, zSource: number): number {
  const { source, between } = pair(cosmology, zLens, zSource);
  return (4 * Math.PI * (sigma / C) ** 2 * between) / source / ARCSEC;
}

/** Velocity dispersion of the singular isothermal sphere with this Einstein radius (arcsec), km/s. */
export function velocityDispersion(
  cosmology: Cosmology,
  thetaE: number,
  zLens: number,
  zSource: number,
): number {
  return Math.sqrt(thetaE / einsteinRadius(cosmology, 1, zLens, zSource));
}

/** Critical density of the universe at a redshift, 3 H² / (8π G), solar masses per Mpc³. */
export const universeDensity = (cosmology: Cosmology, z: number): number =>
  (3 * (cosmology.H0 * expansion(cosmology, z)) ** 2) / (8 * Math.PI * G);

/**
 * An NFW halo as a lens: scale radius, and the deflection there, arcsec.
 *
 * @param mass M200, solar masses: within the radius of mean density 200 times the critical density at the lens's redshift
 * @param concentration r200 over the scale radius
 */
export function nfwOf(
  cosmology: Cosmology,
  mass: number,
  concentration: number,
  zLens: number,
  zSource: number,
): { Rs: number; alphaRs: number } {
  if (!(mass > 0)) refuse("halo", "mass", "positive, in solar masses", mass);
  if (!(concentration > 0)) refuse("halo", "concentration", "positive", concentration);
  const { lens } = pair(cosmology, zLens, zSource);
  const r200 = Math.cbrt(mass / ((4 / 3) * Math.PI * 200 * universeDensity(cosmology, zLens))); // Mpc
  const Rs = r200 / concentration / (lens * ARCSEC);
  // The mass in the cylinder of radius R_s is 4π ρ_s r_s³ (1 − ln 2), and M200 is 4π ρ_s r_s³ (ln(1 + c) − c / (1 + c)).
  const within = Math.log1p(concentration) - concentration / (1 + concentration);
  const cylinder = (mass * (1 - Math.LN2)) / within;
  return { Rs, alphaRs: cylinder / (Math.PI * Rs * criticalDensity(cosmology, zLens, zSource)) };
}
