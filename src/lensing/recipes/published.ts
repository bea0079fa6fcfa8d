/**
 * Lenses as the sky should have them, after Collett (2015, ApJ 811, 20): velocity dispersions and redshifts give
 * Einstein radii, counts give the sources' magnitudes, and the survey decides what is seen.
 */
import { DEFAULT } from "./default.ts";
import type { Relation } from "./distribution.ts";
import type { Recipe } from "./recipe.ts";

export const PUBLISHED: Recipe = {
  ...DEFAULT,
  name: "published",
  about: "lenses as often and as bright as published functions of galaxies give them",
  sources: [
    "lens.strength: velocity dispersions, Choi, Park & Vogeley (2007, ApJ 658, 884), alpha 2.32, beta 2.67, 161 km/s; alpha is 4 more here, for the area within an Einstein radius goes as sigma^4",
    "lens.redshifts.lens: constant in comoving volume, as in Collett (2015, ApJ 811, 20)",
    "lens.redshifts.source: the form z^2 exp(-z / z0) of the LSST Science Book (2009, section 3.7.2), its z0 taken on to i = 26.5",
    "lens.deflector.magnitude: L as sigma^3.91 through M_r = -21.15 at 160 km/s, Bernardi et al. (2003, AJ 125, 1849); i is taken 0.3 brighter (colour, K-correction and evolution together, ours)",
    "lens.deflector.massQ: mass follows light in SLACS lenses, Koopmans et al. (2006, ApJ 649, 599); its scatter is ours",
    "lens.least: magnification above 3 and signal-to-noise above 20, Collett (2015); Einstein radius: ours",
    "lens.source.size, and everything else: our choice",
    ...DEFAULT.sources.filter((source) =>
      /^(colours\.red:|galaxies|lookAlikes|field|artefacts|lens\.subhaloes)/.test(source),
    ),
  ],
  classes: {
    "not-lens": { ...DEFAULT.classes["not-lens"], "empty sky": 0.02 },
    lens: { lens: 1 },
  },
  // A lens at redshift 0.05 is of 13 to 15 mag, and its half-light radius of 10" and more.
  galaxies: {
    ...DEFAULT.galaxies,
    size: { ...(DEFAULT.galaxies.size as Relation), value: 1.7, slope: -0.18, within: [0.01, 60] },
    elliptical: { ...DEFAULT.galaxies.elliptical, n: { normal: [3.6, 0.9], within: [1.5, 6] } },
    spiral: {
      ...DEFAULT.galaxies.spiral,
      sizeFactor: { uniform: [1, 2.6] },
      redBulges: 0.35,
      bulgeRedderGr: { uniform: [0.1, 0.6] },
      bulgeRedderRi: { uniform: [0.05, 0.35] },
    },
  },
  // Galaxies without a redshift of their own have the same colours at all magnitudes.
  colours: {
    ...DEFAULT.colours,
    red: { ...DEFAULT.colours.red, redshift: { normal: [0.42, 0.17], within: [0.08, 0.79] } },
    blue: {
      gr: { normal: [0.4, 0.25], within: [-0.15, 0.95] },
      ri: { relation: "linear", on: "gr", at: 0, value: 0.27, slope: 0.38, scatter: 0.18 },
    },
    disc: {
      gr: { normal: [0.9, 0.25], within: [0.35, 1.4] },
      ri: { relation: "linear", on: "gr", at: 0, value: 0.24, slope: 0.35, scatter: 0.1 },
    },
  },
  lookAlikes: { ...DEFAULT.lookAlikes, deflectorShare: 0 },
  lens: {
    ...DEFAULT.lens,
    strength: { sigma: { schechter: { alpha: 6.32, beta: 2.67, scale: 161 }, within: [100, 500] } },
    dispersions: null,
    redshifts: {
      lens: { volume: [0.05, 1] },
      source: { schechter: { alpha: 3, beta: 1, scale: 0.36 }, within: [0.2, 6] },
    },
    least: { thetaEOverSeeing: 0.75, arcSnr: 20, magnification: 3, contrast: 0 },
    deflector: {
      ...DEFAULT.lens.deflector,
      magnitude: {
        relation: "logarithmic",
        on: "sigma",
        at: 160,
        value: -21.45,
        slope: -9.78,
        scatter: 0.5,
        within: [-27, -17],
      },
      absolute: true,
      apparent: null,
      size: null,
    },
    source: {
      ...DEFAULT.lens.source,
      redShare: 0.12,
      clumps: { poisson: 0.8, within: [0, 3] },
      brightness: { magnitude: { counts: 0.33, within: [21, 27] } },
      offset: { powerLaw: 1, within: [0, 1] },
      size: {
        relation: "exponential",
        on: "magnitude",
        at: 25,
        value: 0.25,
        slope: -0.06,
        scatter: 0.35,
        within: [0.05, 0.8],
      },
      sizeFactor: 1,
    },
  },
};
