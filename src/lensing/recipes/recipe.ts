/**
 * A recipe: what a population's scenes are drawn from. Angles are in arcsec unless stated, magnitudes AB in the i band,
 * colours g − r (`gr`) and r − i (`ri`).
 */
import { z } from "zod";
import { quantity, type Range } from "./distribution.ts";

const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
const magnitude = (...on: string[]) => quantity({ range: [10, 32], unit: "mag", on });
const fainter = () => quantity({ range: [-5, 10], unit: "mag" });
const colour = (...on: string[]) => quantity({ range: ANY, on });
const size = (...on: string[]) => quantity({ range: [0.001, 60], unit: "arcsec", on });
const factor = () => quantity({ range: [0.001, 100] });
const distance = () => quantity({ range: [0, 300] });
const index = () => quantity({ range: [0.3, 10] });
const axisRatio = (...on: string[]) => quantity({ range: [0.05, 1], on });
const part = () => quantity({ range: [0, 1] });
const count = () => quantity({ range: [0, 1000], whole: true });
/** A Poisson count needs no upper end. */
const poisson = () => quantity({ range: [0, Number.POSITIVE_INFINITY], whole: true });
const redshift = () => quantity({ range: [0.001, 20], redshift: true });
const turn = () => quantity({ range: ANY, unit: "radians" });
const share = () => z.number().min(0).max(1);
const pair = () => z.tuple([z.number(), z.number()]);

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
  /** M dwarfs, redder than `lateFrom` in g − r, spread in r − i only. */
  star: z.strictObject({ gr: colour(), ri: colour("gr"), lateFrom: z.number(), lateRi: colour() }),
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
const arms = z.strictObject({
  count: quantity({ range: [1, 8], whole: true }),
  pitch: quantity({ range: [0.01, 1.5], unit: "radians" }),
  /** The light that is missing between arms, and their concentration: 1 is nearly a cosine. */
  amplitude: part(),
  sharpness: quantity({ range: [0.05, 12] }),
  /** How much brighter one of the arms is. */
  lopsidedness: part(),
  /** Radius within which they fade, in sizes of the disc. */
  core: quantity({ range: [0, 3] }),
  /** Contrast of knots, and how many waves round the disc they come from. */
  contrast: quantity({ range: [0, 2] }),
  around: quantity({ range: [1, 16], whole: true }),
});

/** Knots of young stars that are bright enough to be seen one by one. */
const knots = z.strictObject({
  count: count(),
  fainter: fainter(),
  size: size(),
  bluerGr: colour(),
  bluerRi: colour(),
});

const galaxies = z.strictObject({
  /** Half-light radius by magnitude. */
  size: size("magnitude"),
  elliptical: z.strictObject({ n: index(), q: axisRatio() }),
  blue: z.strictObject({ sizeFactor: factor(), sizeWithin: pair(), n: index(), q: axisRatio() }),
  spiral: z.strictObject({
    bulge: part(),
    /** Of the disc, times the size for its magnitude; and its least size. */
    sizeFactor: factor(),
    leastSize: z.number().min(0.001),
    n: index(),
    /** How much bluer arms are than the disc. */
    armsBluerGr: colour(),
    armsBluerRi: colour(),
    /** Arms in a disc (in its sizes), or a share of them in a ring: its radius in sizes, its half width in radii. */
    armsSizeFactor: factor(),
    armsN: index(),
    annulusShare: share(),
    annulusRadius: factor(),
    annulusWidth: factor(),
    /** Arms in many pieces, in place of a few long ones: how often. */
    flocculentShare: share(),
    grandDesign: arms,
    flocculent: arms,
    knots,
    /** The same arms in the old disc's light, weaker; and how far the young lag behind, radians: dust is between. */
    oldAmplitude: part(),
    dustLag: turn(),
    barShare: share(),
    /** Of the disc's light; its half-light radius in sizes of the disc. */
    bar: part(),
    barSize: factor(),
    barQ: axisRatio(),
    /** Share of bulges as red as an elliptical of any redshift; and how much redder than the disc the others are. */
    redBulges: share(),
    bulgeRedderGr: colour(),
    bulgeRedderRi: colour(),
    bulgeSizeFactor: factor(),
    leastBulgeSize: z.number().min(0.001),
    bulgeN: index(),
  }),
});

const lookAlikes = z.strictObject({
  companions: z.strictObject({
    magnitude: magnitude(),
    /** Besides the first. */
    more: poisson(),
    distance: distance(),
    companion: magnitude(),
    /** Long and thin ones, and their tilt from the tangent. */
    thinShare: share(),
    thinSize: size(),
    thinQ: axisRatio(),
    thinTilt: turn(),
  }),
  "red core": z.strictObject({
    magnitude: magnitude(),
    core: quantity({ range: [0.01, 0.99] }),
    size: size(),
    q: axisRatio(),
    coreSizeFactor: factor(),
    coreN: index(),
    smooth: quantity({ range: [0, 0.99] }),
    n: index(),
    armedShare: share(),
    armsN: index(),
    ringWidth: factor(),
  }),
  spiral: z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    armShare: quantity({ range: [0, 0.99] }),
    clumpShare: share(),
    clumpDistance: distance(),
    clump: magnitude(),
  }),
  ring: z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    radius: size(),
    bodySizeFactor: factor(),
    ringFainter: fainter(),
    blueShare: share(),
    ringWidth: factor(),
    /** Its bright parts. */
    parts: arms,
    knots,
    discFainter: fainter(),
    discSizeFactor: factor(),
  }),
  merger: z.strictObject({
    magnitude: magnitude(),
    galaxies: count(),
    distance: distance(),
    fainter: fainter(),
    types: z.strictObject({ blue: share(), elliptical: share(), spiral: share() }),
    spiralQ: axisRatio(),
    spiralArms: quantity({ range: [0, 0.99] }),
    /** Tidal tails: arcs round the first galaxy, of this radius and half width in radii. */
    tails: count(),
    tailFainter: fainter(),
    tailRadius: size(),
    tailWidth: factor(),
    tail: arms,
  }),
  "edge-on": z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    acrossShare: share(),
    fainter: fainter(),
    distance: distance(),
    /** Dust lanes, half of the gap in sizes of the disc. */
    laneShare: share(),
    lane: quantity({ range: [0, 1] }),
  }),
  elliptical: z.strictObject({ magnitude: magnitude() }),
  group: z.strictObject({ magnitude: magnitude(), more: count(), fainter: fainter(), distance: distance() }),
  irregular: z.strictObject({
    magnitude: magnitude(),
    /** Of the body, on that of a blue galaxy. */
    sizeFactor: factor(),
    clumps: count(),
    fainter: fainter(),
    /** In sizes of the body. */
    distance: distance(),
    clumpSize: size(),
    /** A body in clumps; and a red core in it, of so many magnitudes less, its size in those of the body. */
    body: arms,
    coreShare: share(),
    coreFainter: fainter(),
    coreSizeFactor: factor(),
  }),
  "faint galaxy": z.strictObject({ magnitude: magnitude(), redShare: share() }),
  star: z.strictObject({ magnitude: magnitude() }),
});

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
  redShare: share(),
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
  galaxies,
  colours,
  bands: z.record(z.string(), bandColour),
});

export type Recipe = z.output<typeof recipeSchema>;

/** The classes' names, in order. */
export const classesOf = (recipe: Recipe): string[] => Object.keys(recipe.classes);

export const isLensKind = (kind: string): kind is LensKind => LENS_KINDS.includes(kind as LensKind);
