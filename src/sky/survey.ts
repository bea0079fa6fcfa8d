/** What a survey does to the sky: pixels, bands, seeing, noise, photometric zero point, display stretch. */
import { z } from "zod";
import { noiseArea } from "./fwhm.ts";

const positive = z.number().positive();

const ellipticity = z.number().min(0).max(0.5).optional();

/** What a point source looks like in a band; its width is the band's `seeing`, unless it is an image. */
export const psfSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("gaussian"),
    /** Standard deviation of e1 and of e2 from object to object; round by default. */
    ellipticity,
  }),
  z.strictObject({
    kind: z.literal("moffat"),
    /** The wings' exponent. */
    beta: z.number().gt(1).max(100),
    ellipticity,
  }),
  z.strictObject({
    kind: z.literal("image"),
    /** `.fits` or `.npy`; a cube's planes count as images. Each object gets one of them. */
    files: z.array(z.string().min(1)).min(1),
    /** The plane to take from each cube, from 0; all by default. */
    plane: z.int().min(0).optional(),
    /** Arcsec; the survey's by default. */
    pixelScale: positive.optional(),
  }),
]);

export const bandSchema = z.strictObject({
  name: z.string().min(1),
  /** Median PSF full width at half maximum, arcsec. */
  seeing: positive,
  /** Scatter of the seeing from field to field, as a fraction. */
  seeingScatter: z.number().min(0).max(1).default(0.08),
  /** Standard deviation of the sky in a pixel, read noise included, in flux units of the zero point. */
  skySigma: positive,
  /** Sky surface brightness, AB mag/arcsec²: with skySigma it gives the photons per flux unit. */
  skyBrightness: positive,
  /** Photons per flux unit, or per unit and second if `exposure` is given; follows from the sky by default. */
  gain: positive.optional(),
  /** Seconds, if the flux unit is a rate. */
  exposure: positive.optional(),
  /** Read noise of all exposures together, electrons in a pixel: the part of skySigma that is not photon noise. */
  readNoise: z.number().min(0).optional(),
  /** Largest flux that a pixel can record. */
  saturation: positive.optional(),
  /** The point-spread function; follows from `moffatBeta` by default. */
  psf: psfSchema.optional(),
});

/** Autocorrelation of the sky's noise between pixels dx and dy apart: rows dy = 0, 1, …, columns dx; the first is 1. */
const autocorrelationSchema = z
  .array(z.array(z.number().min(-1).max(1)).min(1).max(16))
  .min(1)
  .max(16);

export const defectsSchema = z.strictObject({
  /** Hits per arcmin² in every band that were not removed. */
  cosmicRays: z.number().min(0).max(1e4).default(0),
  /** Fraction of bad columns, in every band. */
  badColumns: z.number().min(0).max(1).default(0),
  /** Fraction of pixels under masks (of stars, satellites, the chip's edges), in every band. */
  masked: z.number().min(0).max(1).default(0),
  /** What a bad or masked pixel holds: a number, its neighbours' light, or what was observed there. */
  fill: z.union([z.number(), z.literal("interpolated"), z.literal("observed")]).default(0),
});

/** What a survey's file holds. */
export const surveySchema = z.strictObject({
  name: z.string().min(1),
  title: z.string(),
  /** Where the numbers come from. */
  source: z.string(),
  /** Arcsec per pixel. */
  pixelScale: positive,
  /** AB magnitude of one flux unit. */
  zeroPoint: z.number(),
  /** Moffat's β of the PSF wings; null for a Gaussian. A band's `psf` takes precedence. */
  moffatBeta: z.number().gt(1).nullable(),
  /**
   * What the bands' PSFs contain (and `seeing` is the width of): the square of this side, arcsec, that a pixel averages
   * over. By default the survey's own pixel: PSFs are as stars look in its images, as fits to their pixels give. 0 for
   * PSFs of telescope and atmosphere alone. Stars and galaxies alike are blurred by the PSF and by one pixel in all.
   */
  psfPixel: z.number().min(0).optional(),
  /** Scatter of the sky noise from field to field, as a fraction. */
  noiseScatter: z.number().min(0).max(1).default(0.1),
  bands: z.array(bandSchema).min(1),
  /** Noise correlated by resampling: its kernel's name, or as measured. A pixel's sigma stays as stated. */
  noiseCorrelation: z.union([z.enum(["bilinear", "lanczos3"]), autocorrelationSchema]).optional(),
  defects: defectsSchema.optional(),
  /** The colour composite; see `stretch.ts`. */
  display: z.strictObject({
    /** Bands for red, green and blue; one for grey. */
    bands: z.union([z.tuple([z.string(), z.string(), z.string()]), z.tuple([z.string()])]),
    scales: z.union([z.tuple([positive, positive, positive]), z.tuple([positive])]),
    Q: positive,
    alpha: positive,
  }),
});

/** A survey: its pixels, bands, depth and PSF. */
export type Survey = z.output<typeof surveySchema>;

/** A band of a survey. */
export type Band = z.output<typeof bandSchema>;

/** A point-spread function. */
export type Psf = z.output<typeof psfSchema>;

/** What a survey's images suffer from. */
export type Defects = z.output<typeof defectsSchema>;

/** The band's PSF; the survey's if the band has none. */
export const psfOf = (survey: Survey, band: Band): Psf =>
  band.psf ??
  (survey.moffatBeta === null ? { kind: "gaussian" } : { kind: "moffat", beta: survey.moffatBeta });

/** Flux of an AB magnitude, in units of the zero point. */
export const fluxOf = (magnitude: number, zeroPoint: number): number =>
  10 ** (-0.4 * (magnitude - zeroPoint));

/** AB magnitude of a flux. */
export const magnitudeOf = (flux: number, zeroPoint: number): number => zeroPoint - 2.5 * Math.log10(flux);

/**
 * Photons per flux unit: the band's own gain if it has one. Otherwise `skySigma` is the sky's Poisson noise, so that the
 * sky's flux in a pixel over its variance is the gain. With R electrons of read noise, the gain g solves
 * (σ g)² = sky · g + R².
 */
export function photonsPerUnit(survey: Survey, band: Band): number {
  if (band.gain !== undefined) return band.gain * (band.exposure ?? 1);
  const sky = fluxOf(band.skyBrightness, survey.zeroPoint) * survey.pixelScale ** 2;
  const read = 2 * band.skySigma * (band.readNoise ?? 0);
  return (sky + Math.hypot(sky, read)) / (2 * band.skySigma ** 2);
}

/**
 * Sky sigma in a pixel from a point-source depth: `magnitude` is detected at `signalToNoise` by an optimal
 * (PSF-weighted) measurement on independent pixels, whose noise is that of the PSF's noise area.
 *
 * @param seeing full width at half maximum of the PSF, arcsec: Moffat's of the survey's β, or a Gaussian
 */
export function skySigmaOfDepth(
  magnitude: number,
  signalToNoise: number,
  seeing: number,
  survey: { pixelScale: number; zeroPoint: number; moffatBeta?: number | null },
): number {
  const pixels = noiseArea(seeing, survey.moffatBeta ?? null) / survey.pixelScale ** 2;
  return fluxOf(magnitude, survey.zeroPoint) / (signalToNoise * Math.sqrt(pixels));
}

/**
 * Sky sigma in a pixel from an aperture depth: `magnitude` is detected at `signalToNoise` in a circle of this diameter,
 * with independent pixels.
 *
 * @param diameter arcsec
 */
export function skySigmaOfAperture(
  magnitude: number,
  signalToNoise: number,
  diameter: number,
  survey: { pixelScale: number; zeroPoint: number },
): number {
  const pixels = Math.PI * (diameter / 2 / survey.pixelScale) ** 2;
  return fluxOf(magnitude, survey.zeroPoint) / (signalToNoise * Math.sqrt(pixels));
}

/**
 * Sky sigma in a pixel from the exposure: the sky's photons and the read noise.
 *
 * @param exposure `exposure` is the total, seconds; `readNoise` is in electrons, of all exposures together; `perSecond` is the AB
 * magnitude of one electron per second, `skyBrightness` the sky's in magnitudes per square arcsec
 */
export function skySigmaOfExposure(
  {
    skyBrightness,
    exposure,
    readNoise,
    perSecond,
  }: Record<"skyBrightness" | "exposure" | "readNoise" | "perSecond", number>,
  survey: { pixelScale: number; zeroPoint: number },
): number {
  const electrons = fluxOf(skyBrightness, perSecond) * survey.pixelScale ** 2 * exposure;
  return Math.sqrt(electrons + readNoise ** 2) / (exposure * fluxOf(survey.zeroPoint, perSecond));
}

/** The survey with fluxes in another unit: the same photons, sky and noise; a number that fills pixels is a flux as well. */
export function inUnits(survey: Survey, zeroPoint: number): Survey {
  const factor = 10 ** (0.4 * (zeroPoint - survey.zeroPoint));
  const bands = survey.bands.map((band) => ({
    ...band,
    skySigma: band.skySigma * factor,
    ...(band.gain === undefined ? {} : { gain: band.gain / factor }),
    ...(band.saturation === undefined ? {} : { saturation: band.saturation * factor }),
  }));
  const { defects, display } = survey;
  const fill =
    typeof defects?.fill === "number" ? { defects: { ...defects, fill: defects.fill * factor } } : {};
  return { ...survey, ...fill, zeroPoint, bands, display: { ...display, alpha: display.alpha / factor } };
}

/**
 * The survey on pixels of another size: noise in a pixel (sky and read noise) grows with its side, as long as pixels are
 * independent; saturation grows with its area; PSFs contain the pixel that they contained, so that wider ones blur more.
 *
 * @param pixelScale arcsec
 */
export function onPixels(survey: Survey, pixelScale: number): Survey {
  const factor = pixelScale / survey.pixelScale;
  const bands = survey.bands.map((band) => ({
    ...band,
    skySigma: band.skySigma * factor,
    ...(band.readNoise === undefined ? {} : { readNoise: band.readNoise * factor }),
    ...(band.saturation === undefined ? {} : { saturation: band.saturation * factor ** 2 }),
    ...(band.psf?.kind === "image" ? { psf: { pixelScale: survey.pixelScale, ...band.psf } } : {}),
  }));
  return { ...survey, psfPixel: survey.psfPixel ?? survey.pixelScale, pixelScale, bands };
}
