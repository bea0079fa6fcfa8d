/** What a survey does to the sky: pixels, bands, seeing, noise, photometric zero point, display stretch. */
import { z } from "zod";

const positive = z.number().positive();

export const bandSchema = z.strictObject({
  name: z.string().min(1),
  /** Median PSF full width at half maximum, arcsec. */
  seeing: positive,
  /** Scatter of the seeing from field to field, as a fraction. */
  seeingScatter: z.number().min(0).max(1).default(0.08),
  /** Standard deviation of the sky in a pixel, flux units of the zero point. */
  skySigma: positive,
  /** Sky surface brightness, AB mag/arcsec²: with skySigma it gives the photons behind a flux unit. */
  skyBrightness: positive,
});

export const surveySchema = z.strictObject({
  name: z.string().min(1),
  title: z.string(),
  /** Where the numbers come from. */
  source: z.string(),
  /** Arcsec per pixel. */
  pixelScale: positive,
  /** AB magnitude of one flux unit. */
  zeroPoint: z.number(),
  /** Moffat's β of the PSF wings; a Gaussian where null. */
  moffatBeta: z.number().gt(1).nullable(),
  /** Scatter of the sky noise from field to field, as a fraction. */
  noiseScatter: z.number().min(0).max(1).default(0.1),
  bands: z.array(bandSchema).min(1),
  /** The colour composite, by `stretch.ts`. */
  display: z.strictObject({
    /** Bands of red, green and blue. */
    bands: z.tuple([z.string(), z.string(), z.string()]),
    scales: z.tuple([positive, positive, positive]),
    Q: positive,
    alpha: positive,
  }),
});

export type Survey = z.output<typeof surveySchema>;
export type Band = z.output<typeof bandSchema>;

/** Flux of an AB magnitude, in units of the zero point. */
export const fluxOf = (magnitude: number, zeroPoint: number): number =>
  10 ** (-0.4 * (magnitude - zeroPoint));

/** AB magnitude of a flux. */
export const magnitudeOf = (flux: number, zeroPoint: number): number => zeroPoint - 2.5 * Math.log10(flux);

/**
 * Photons behind one flux unit: the sky's own Poisson noise is what `skySigma` measures, so the sky's flux in a
 * pixel over its variance is the gain.
 */
export function photonsPerUnit(survey: Survey, band: Band): number {
  const skyFlux = fluxOf(band.skyBrightness, survey.zeroPoint) * survey.pixelScale ** 2;
  return skyFlux / band.skySigma ** 2;
}

/**
 * Sky sigma in a pixel from a point-source depth: `magnitude` is detected at `signalToNoise` by an optimal
 * (PSF-weighted) measurement, whose noise area is 4πσ² pixels for a Gaussian PSF.
 */
export function skySigmaOfDepth(
  magnitude: number,
  signalToNoise: number,
  seeing: number,
  survey: { pixelScale: number; zeroPoint: number },
): number {
  const sigma = seeing / (2 * Math.sqrt(2 * Math.log(2))) / survey.pixelScale;
  return fluxOf(magnitude, survey.zeroPoint) / (signalToNoise * Math.sqrt(4 * Math.PI) * sigma);
}

/**
 * The survey drawn on pixels of another size: the sky's noise in a pixel grows with its side, as long as the pixels are
 * independent.
 *
 * @param pixelScale arcsec
 */
export function onPixels(survey: Survey, pixelScale: number): Survey {
  const factor = pixelScale / survey.pixelScale;
  const bands = survey.bands.map((band) => ({ ...band, skySigma: band.skySigma * factor }));
  return { ...survey, pixelScale, bands };
}
