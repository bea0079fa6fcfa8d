/**
 * A recipe: what a population's scenes are drawn from. Angles are in arcsec unless stated, magnitudes AB in the i band,
 * colours g − r (`gr`) and r − i (`ri`).
 */
import { z } from "zod";
import { artefactsSchema } from "./artefacts.ts";
import { quantity } from "./distribution.ts";
import { galaxies } from "./galaxies.ts";
import { lookAlikes } from "./look-alikes.ts";
import {
  ANY,
  axisRatio,
  colour,
  count,
  distance,
  fainter,
  index,
  magnitude,
  pair,
  poisson,
  redshift,
  share,
  size,
  turn,
} from "./quantities.ts";

/** The kinds of objects that are not lenses. */
export const LOOK_ALIKE_KINDS = [
  "companions",
  "red core",
  "spiral",
  "ring",
  "merger",
  "edge-on",
  "elliptical",
  "group",
  "irregular",
  "faint galaxy",
  "star",
  "empty sky",
] as const;
/** The kinds of lenses: a galaxy, smooth, with subhaloes or with a vortex; a group; and a galaxy before a quasar. */
export const LENS_KINDS = [
  "lens",
  "group lens",
  "lensed quasar",
  "lens with subhaloes",
  "lens with vortex",
] as const;
export type LookAlikeKind = (typeof LOOK_ALIKE_KINDS)[number];
export type LensKind = (typeof LENS_KINDS)[number];
export const KINDS: readonly string[] = [...LOOK_ALIKE_KINDS, ...LENS_KINDS];

const colours = z.strictObject({
  /** Early types: a redshift, the colours of passive stars ([redshift, g − r, r − i] in each row), and a scatter. */
  red: z.strictObject({
    redshift: quantity({ range: [0.001, 20], redshift: true, on: ["magnitude"] }),
    track: z.array(z.tuple([z.number().min(0), z.number(), z.number()])).min(2),
    scatter: z.tuple([z.number().min(0), z.number().min(0)]),
  }),
  blue: z.strictObject({ gr: colour("magnitude"), ri: colour("gr") }),
  disc: z.strictObject({ gr: colour("magnitude"), ri: colour("gr") }),
  /** Turn-off stars on a narrow locus; M dwarfs, all of one g − r, spread in r − i only. */
  star: z.strictObject({
    gr: colour(),
    ri: colour("gr"),
    lateShare: share(),
    lateGr: colour(),
    lateRi: colour(),
  }),
});

/** Magnitudes in other bands: the one in g, r or i plus a constant and multiples of the colours; or a mean flux. */
const bandColour = z.union([
  z.strictObject({
    of: z.enum(["g", "r", "i"]),
    plus: z.number().optional(),
    gr: z.number().optional(),
    ri: z.number().optional(),
  }),
  z.strictObject({ mean: z.array(z.string()).min(1) }),
]);

/** Spiral arms, and the knots in them. */
const either = (a: string, b: string) => ({
  message: `either ${a} or ${b}`,
  check: (value: Record<string, unknown>) => (value[a] === undefined) !== (value[b] === undefined),
});
const strengths = either("thetaE", "sigma");
const brightnesses = either("arcSnr", "magnitude");

const lens = z.strictObject({
  /** Einstein radii, or velocity dispersions (km/s), which with the redshifts give the radii of isothermal lenses. */
  strength: z
    .strictObject({
      thetaE: quantity({ range: [0.01, 60], unit: "arcsec" }).optional(),
      sigma: quantity({ range: [10, 2000], unit: "km/s" }).optional(),
    })
    .refine(strengths.check, strengths.message),
  /**
   * How many galaxies have which velocity dispersion, dN/dσ ∝ (σ / scale)^alpha exp(−(σ / scale)^beta) / σ: with thetaE,
   * redshifts are drawn by the dispersions that it then needs. Null: whatever these are.
   */
  dispersions: z
    .strictObject({ alpha: z.number(), beta: z.number().gt(0), scale: z.number().gt(0), within: pair() })
    .nullable()
    .default(null),
  /** The largest Einstein radius, in halves of the cutout's side. */
  mostOfCutout: z.number().gt(0).max(1),
  redshifts: z.strictObject({ lens: redshift(), source: redshift() }).nullable(),
  /** What counts as a lens; scenes that fail are drawn again. */
  least: z.strictObject({
    /** Einstein radius over the seeing, in the survey's sharpest band. */
    thetaEOverSeeing: z.number().min(0).max(100),
    arcSnr: z.number().min(0).max(1e4),
    magnification: z.number().min(0).max(1000),
    /** Of the arcs' mean surface brightness over the deflector's beside them; 0 for any. */
    contrast: z.number().min(0).max(1000).default(0),
  }),
  deflector: z.strictObject({
    /** Apparent, in i; or absolute, if `absolute` is true, which needs redshifts. */
    magnitude: quantity({ range: [-40, 32], unit: "mag", on: ["thetaE", "sigma", "redshift"] }),
    absolute: z.boolean(),
    /** Apparent magnitudes: others are drawn again. */
    apparent: pair().nullable().default(null),
    /** Half-light radius in kpc, which needs redshifts; null for that of any galaxy of its apparent magnitude. */
    size: quantity({ range: [0.01, 200], unit: "kpc", on: ["absolute"] })
      .nullable()
      .default(null),
    spiralShare: share(),
    spiralQ: axisRatio(),
    /** Of the mass; may follow that of the light. */
    massQ: quantity({ range: [0.2, 1], on: ["lightQ"] }),
    misalignment: turn(),
    /** External shear; its sign does not matter. */
    shear: quantity({ range: [-0.5, 0.5] }),
  }),
  members: z.strictObject({
    /** Lenses above this Einstein radius are groups. */
    richFrom: z.number().min(0),
    rich: poisson(),
    poor: poisson(),
    fainter: fainter(),
    /** In Einstein radii, of at least `leastRadius`. */
    distance: distance(),
    leastRadius: z.number().min(0),
  }),
  /** For the kind `group lens`. */
  group: z.strictObject({
    /** Of the whole: within a circle of it the mean convergence is 1. */
    thetaE: quantity({ range: [0.01, 60], unit: "arcsec" }),
    /** Velocity dispersion of the central galaxy. */
    sigma: quantity({ range: [10, 2000], unit: "km/s" }),
    /** Of the source from the axis, in Einstein radii. */
    offset: quantity({ range: [0, 3] }),
    halo: z.strictObject({
      q: quantity({ range: [0.2, 1] }),
      /** From the central galaxy, in Einstein radii. */
      offset: quantity({ range: [0, 1] }),
      /** Of the mass within the Einstein radius, at least. */
      leastShare: z.number().min(0).max(1),
    }),
    members: z.strictObject({
      count: count(),
      /** Than the central galaxy. */
      fainter: fainter(),
      /** In Einstein radii. */
      distance: distance(),
      /** How many of the brightest have mass of their own. */
      massive: z.number().int().min(0).max(20),
      /** Truncation radius of a galaxy of 200 km/s, kpc. */
      truncation: quantity({ range: [0.1, 1000], unit: "kpc" }),
    }),
  }),
  /** For the kind `lensed quasar`: how much brighter than its host it is, and its colours. */
  quasar: z.strictObject({ brighter: fainter(), gr: colour(), ri: colour("gr") }),
  source: z.strictObject({
    /** The signal-to-noise to which arcs are scaled, or the source's own magnitude. */
    brightness: z
      .strictObject({
        arcSnr: quantity({ range: [0.1, 1e5] }).optional(),
        magnitude: magnitude().optional(),
      })
      .refine(brightnesses.check, brightnesses.message),
    /** From the axis, in Einstein radii. */
    offset: quantity({ range: [0, 3] }),
    size: size("thetaE", "magnitude"),
    /** A factor on the size. */
    sizeFactor: quantity({ range: [0.01, 100], on: ["thetaE"] }),
    n: index(),
    q: axisRatio(),
    redShare: share(),
    clumps: quantity({ range: [0, 20], whole: true }),
    /** In sizes of the source. */
    clumpDistance: distance(),
    clumpSize: size(),
    clumpFainter: fainter(),
    clumpN: index(),
    clumpQ: axisRatio(),
    /** Images of galaxies for a share of the sources, in place of discs; scale in arcsec per pixel, without the lens. */
    images: z
      .strictObject({
        files: z.array(z.string().min(1)).min(1),
        scale: z.number().gt(0).max(10),
        share: share(),
      })
      .nullable()
      .default(null),
  }),
  /** For the kind `lens with subhaloes`: fraction of the mass, and the mass function's slope and ends (solar masses). */
  subhaloes: z.strictObject({
    fraction: share(),
    slope: z.number().min(0.5).max(3),
    least: z.number().min(1),
    most: z.number().min(1),
    radius: z.number().gt(0).max(10),
  }),
  /** For the kind `lens with vortex`: fraction of the mass, and length in Einstein radii. */
  vortex: z.strictObject({ fraction: pair(), length: pair() }),
});

const field = z.strictObject({
  /** Galaxies per arcmin². */
  density: z.number().min(0).max(1000),
  magnitude: magnitude(),
  /** No galaxies within this distance from the middle. */
  clearance: z.number().min(0),
  redShare: quantity({ range: [0, 1], on: ["magnitude"] }),
  /** A bright star or galaxy nearby: how often, how far (in halves of the cutout's side), and what. */
  brightShare: share(),
  brightDistance: distance(),
  starShare: share(),
  star: magnitude(),
  galaxy: magnitude(),
  /** Left-over sky, in sky sigmas; and that of a halo, with the same sign in all bands. */
  pedestal: quantity({ range: ANY }),
  haloShare: share(),
  halo: quantity({ range: ANY }),
  haloFactor: quantity({ range: ANY }),
});

export const recipeSchema = z.strictObject({
  name: z.string().min(1),
  about: z.string(),
  sources: z.array(z.string()),
  /** Share of lenses among all objects. */
  prevalence: share(),
  /** The classes, in order, each with its kinds and their shares among all lenses or all others. */
  classes: z.record(z.string(), z.record(z.string(), z.number().min(0))),
  cosmology: z.strictObject({ H0: z.number().gt(0), matter: z.number().gt(0).lt(1) }),
  /** Distance of the object from the middle of its cutout, arcsec. */
  offCentre: distance().default(0),
  lens,
  lookAlikes,
  field,
  artefacts: artefactsSchema,
  galaxies,
  colours,
  bands: z.record(z.string(), bandColour),
});

/** The distributions that simulated objects are drawn from. */
export type Recipe = z.output<typeof recipeSchema>;

/** The classes' names, in order. */
export const classesOf = (recipe: Recipe): string[] => Object.keys(recipe.classes);

export const isLensKind = (kind: string): kind is LensKind => LENS_KINDS.includes(kind as LensKind);
