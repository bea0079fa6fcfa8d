/** A scene: everything on the sky in one cutout, before and after lensing. Angles in arcsec and radians. */
import type { PsfShape } from "../sky/survey-psf.ts";
import type { SourceImage } from "./profiles/light/image.ts";
import type { MassComponent } from "./profiles/mass/registry.ts";

/** A lens: an elliptical power law, isothermal if nothing else is said, in external shear; and what is added to it. */
export interface Mass {
  /** Einstein radius, arcsec; 0 where the lens is only what is added. */
  thetaE: number;
  q: number;
  /** Major axis, radians from the x axis. */
  angle: number;
  x: number;
  y: number;
  gamma1: number;
  gamma2: number;
  /** Slope of the density, ρ ∝ r^−slope, in (1, 3); 2 (isothermal) where left out. */
  slope?: number;
  /** More mass, whose deflections are added: halos, sheets, subhaloes, a vortex. */
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
 * A component of light: a Sérsic profile, with a ring's radius or spiral arms where it has them; or an image, or a
 * point, of which R, n and q say nothing.
 */
export interface Light {
  /** What it is, for the table. */
  part: string;
  /** Whether it lies behind the lens: its x and y are then in the source plane. */
  lensed: boolean;
  /** AB magnitudes, one a band. */
  magnitudes: number[];
  /** Half-light radius, arcsec. */
  R: number;
  n: number;
  q: number;
  angle: number;
  x: number;
  y: number;
  /** Radius of a ring, arcsec; 0 for none. R is then its half width. */
  ring?: number;
  arms?: { amplitude: number; count: number; pitch: number };
  /** Pixels in place of the Sérsic profile, turned by `angle` about (x, y). */
  image?: SourceImage;
  /** A point source: drawn as the PSF itself, and as every image of it behind a lens. */
  point?: boolean;
}

/** What a lens is worth, for the table; null where the recipe has no redshifts. */
export interface LensTruth {
  /** Einstein radius over the median seeing of the survey's sharpest band. */
  thetaEOverSeeing: number;
  /** Total flux of the source's images over the source's, of a Gaussian source behind the smooth lens. */
  magnification: number;
  /** Signal-to-noise of the arcs: what they are scaled to, or else what is to be expected of the source's magnitude. */
  arcSnr: number;
  lensRedshift: number | null;
  sourceRedshift: number | null;
  /** Velocity dispersion of the isothermal lens, km/s. */
  sigmaV: number | null;
}

export interface Scene {
  /** What the object is: `lens`, or a kind of look-alike. */
  kind: string;
  /** Its class in the recipe that it was drawn from. */
  label?: string;
  mass: Mass | null;
  lights: Light[];
  /** PSF full width at half maximum a band, arcsec. */
  seeing: number[];
  /** The PSF's shape a band, of surveys whose PSF has one (`drawPsf`); round where left out. */
  psf?: readonly PsfShape[];
  /** Sky sigma in a pixel a band, flux units. */
  skySigma: number[];
  /** Left-over sky a band, in sky sigmas. */
  pedestal: number[];
  /**
   * Signal-to-noise that the lensed light is scaled to, over all pixels and bands (a matched filter's); null for a
   * scene without lens.
   */
  arcSnr: number | null;
  /** Of lenses that a recipe drew. */
  truth?: LensTruth;
}
