/**
 * What telescope, camera and stacking leave in a cutout, as parts of a scene. Lengths are in arcsec, angles in radians from
 * the x axis, strengths in sky sigmas of a pixel; one number per band where a list stands.
 */

/** Light round a bright star: diffraction spikes (four arms), or the wide wings of the PSF. */
interface StarLight {
  x: number;
  y: number;
  /** Magnitudes of the star; what lies beyond its PSF is a share of this light, added to it. */
  magnitudes: number[];
  share: number;
}

export type Artefact =
  | ({ artefact: "spikes"; angle: number; length: number; width: number } & StarLight)
  /** Surface brightness falls as (1 + (r / core)²)^−3/2. */
  | ({ artefact: "aureole"; core: number } & StarLight)
  /** A reflection of a bright star: an evenly lit disc with a dark hole. */
  | { artefact: "ghost"; x: number; y: number; radius: number; hole: number; strength: number[] }
  /** A satellite: a straight line `offset` from the middle, a Gaussian across. */
  | { artefact: "trail"; angle: number; offset: number; width: number; strength: number[] }
  /**
   * Part of a column with a wrong level in one or more bands: charge that bled from a star, or a bad column. Levels: 1
   * saturated, 0 empty, null as observed.
   */
  | { artefact: "column"; x: number; from: number; to: number; width: number; levels: (number | null)[] }
  /** A part of the cutout in which the sky's sigma has other factors; with null there are no data. */
  | { artefact: "depth"; angle: number; from: number; to: number; factors: (number | null)[] }
  /** A cosmic ray that stacking did not remove, in one band. */
  | {
      artefact: "cosmic ray";
      band: number;
      x: number;
      y: number;
      angle: number;
      length: number;
      strength: number;
    };
