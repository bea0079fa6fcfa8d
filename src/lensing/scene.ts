/** A scene: everything on the sky in one cutout, before and after lensing. Angles in arcsec and radians. */

/** A lens: a singular isothermal ellipsoid in external shear. */
export interface Mass {
  /** Einstein radius, arcsec. */
  thetaE: number;
  q: number;
  /** Major axis, radians from the x axis. */
  angle: number;
  x: number;
  y: number;
  gamma1: number;
  gamma2: number;
}

/** A component of light: a Sérsic profile, with a ring's radius or spiral arms where it has them. */
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
}

export interface Scene {
  /** What the object is: `lens`, or a kind of look-alike. */
  kind: string;
  mass: Mass | null;
  lights: Light[];
  /** PSF full width at half maximum a band, arcsec. */
  seeing: number[];
  /** Sky sigma in a pixel a band, flux units. */
  skySigma: number[];
  /** Left-over sky a band, in sky sigmas. */
  pedestal: number[];
  /**
   * Signal-to-noise that the lensed light is scaled to, over all pixels and bands (a matched filter's); null for a
   * scene without lens.
   */
  arcSnr: number | null;
}
