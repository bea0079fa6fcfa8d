/** A scene: everything on the sky in one cutout, in front of and behind the lens. Angles in arcsec and radians. */
import type { PsfShape } from "../sky/survey-psf.ts";
import type { Artefact } from "./artefacts.ts";
import type { SourceImage } from "./profiles/light/image.ts";
import type { Arms } from "./profiles/light/spiral.ts";
import type { MassComponent } from "./profiles/mass/registry.ts";

/** A lens: an elliptical power law, isothermal by default, in external shear; and further mass. */
export interface Mass {
  /** Einstein radius, arcsec; 0 if the lens is only the further mass. */
  thetaE: number;
  /** Minor over major axis. */
  q: number;
  /** Major axis, radians from the x axis. */
  angle: number;
  /** Its centre, arcsec. */
  x: number;
  /** Its centre, arcsec. */
  y: number;
  /** External shear along the axes. */
  gamma1: number;
  /** External shear along the diagonals. */
  gamma2: number;
  /** Slope of the density, ρ ∝ r^−slope, in (1, 3); 2 (isothermal) by default. */
  slope?: number;
  /** Further mass, whose deflections are added: halos, sheets, subhaloes, a vortex. */
  also?: readonly MassComponent[];
}

/** The components whose deflections add up to a lens's. */
export const componentsOf = (mass: Mass): MassComponent[] => {
  const { thetaE, q, angle, x, y, gamma1, gamma2, slope = 2, also = [] } = mass;
  const main: MassComponent =
    slope === 2
      ? { profile: "sie", thetaE, q, angle, x, y }
      : { profile: "epl", thetaE, q, angle, x, y, slope };
  return [main, { profile: "shear", gamma1, gamma2 }, ...also];
};

/**
 * A component of light: a Sérsic profile, possibly with a ring's radius, spiral arms or both; or an image; or a point, for
 * which R, n and q have no meaning.
 */
export interface Light {
  /** What it is, for the table. */
  part: string;
  /** Whether it is behind the lens: x and y are then in the source plane. */
  lensed: boolean;
  /** AB magnitudes, one per band. */
  magnitudes: number[];
  /** Half-light radius, arcsec. */
  R: number;
  /** Sérsic index. */
  n: number;
  /** Minor over major axis. */
  q: number;
  /** Of the major axis, radians. */
  angle: number;
  /** Its centre, arcsec. */
  x: number;
  /** Its centre, arcsec. */
  y: number;
  /** Radius of a ring, arcsec; 0 for none. R is then its half width. */
  ring?: number;
  /** Spiral arms in the disc or the ring. */
  arms?: Arms;
  /** Pixels in place of the Sérsic profile, rotated by `angle` about (x, y). */
  image?: SourceImage;
  /** A point source: drawn as the PSF itself; behind a lens, every image of it. */
  point?: boolean;
}

/** The lens's properties, for the table; null if the recipe has no redshifts. */
export interface LensTruth {
  /** Einstein radius of the whole: of a group the circle's about its halo within which the mean convergence is 1, arcsec. */
  thetaE: number;
  /** Einstein radius over the median seeing of the survey's sharpest band. */
  thetaEOverSeeing: number;
  /** Total flux of the images over the source's, for a Gaussian source behind the smooth lens. */
  magnification: number;
  /** Signal-to-noise of the arcs: what they are scaled to, or else what the source's magnitude leads to expect. */
  arcSnr: number;
  /** Redshift of the deflector. */
  lensRedshift: number | null;
  /** Redshift of the source galaxy. */
  sourceRedshift: number | null;
  /** Velocity dispersion of the isothermal lens, or of a group's central galaxy, km/s. */
  sigmaV: number | null;
}

/** All that is drawn in one cutout. */
export interface Scene {
  /** What the object is: `lens`, or a kind of look-alike. */
  kind: string;
  /** Its class in the recipe. */
  label?: string;
  /** What bends light; null for nothing. */
  mass: Mass | null;
  /** What shines, drawn in this order. */
  lights: Light[];
  /**
   * How many of the lights, from the first, are parts of the object in the middle: a deflector's bulge, disc and arms. None
   * in empty sky. What follows is around it or behind it.
   */
  central?: number;
  /** PSF full width at half maximum per band, arcsec. */
  seeing: number[];
  /** The PSF's shape per band, if the survey's PSF has one (`drawPsf`); round by default. */
  psf?: readonly PsfShape[];
  /** Sky sigma in a pixel per band, flux units. */
  skySigma: number[];
  /** Left-over sky per band, in sky sigmas. */
  pedestal: number[];
  /** What telescope, camera and stacking left. */
  artefacts?: readonly Artefact[];
  /**
   * Signal-to-noise to which the lensed light is scaled, over all pixels and bands (a matched filter's); null for a scene
   * without lens.
   */
  arcSnr: number | null;
  /** Only for lenses drawn from a recipe. */
  truth?: LensTruth;
}
