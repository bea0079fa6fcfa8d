/** Depth: the magnitude of a point source at 5 sigma of a PSF-weighted measurement of its flux. */
import { autocorrelationOf } from "./autocorrelation.ts";
import { gammaPerFwhm, noiseArea, SIGMA_PER_FWHM } from "./fwhm.ts";
import { offsetsOver, pixelResponse } from "./pixel-response.ts";
import { psfImages } from "./psf-images.ts";
import { type Band, magnitudeOf, psfOf, type Survey } from "./survey.ts";

/**
 * A point source's AB magnitude at 5 sigma in a band: its flux measured as Σ P d / Σ P² (P the PSF, d the pixels), which
 * is optimal where noise is independent between pixels. What pixels share of their noise counts.
 *
 * @throws ArcletError when a PSF's file is unreadable
 */
export function depthOf(survey: Survey, band: Band): number {
  const pixels = noisePixels(survey, band);
  return magnitudeOf(5 * band.skySigma * Math.sqrt(pixels), survey.zeroPoint);
}

/** The variance of such a flux over that of a pixel. */
function noisePixels(survey: Survey, band: Band): number {
  const psf = psfOf(survey, band);
  const { lacking } = pixelResponse(survey);
  const lags = lagsOf(survey);
  if (psf.kind === "image") {
    const areas = psfImages(psf, survey.pixelScale).map(({ side, data }) => sumOver(data, side, 1, lags));
    return areas.reduce((sum, area) => sum + area, 0) / areas.length;
  }
  const beta = psf.kind === "moffat" ? psf.beta : null;
  if (lacking === 0 && lags.length === 1) return noiseArea(band.seeing / survey.pixelScale, beta);
  const { side, data } = stampOf(band.seeing / survey.pixelScale, beta, lacking);
  return sumOver(data, side, FINE, lags);
}

/** A shift between pixels, and what they share of their noise. */
interface Lag {
  dx: number;
  dy: number;
  rho: number;
}

/** All lags with noise in common, both signs. */
function lagsOf({ noiseCorrelation }: Survey): Lag[] {
  if (noiseCorrelation === undefined) return [{ dx: 0, dy: 0, rho: 1 }];
  const table = typeof noiseCorrelation === "string" ? autocorrelationOf(noiseCorrelation) : noiseCorrelation;
  const signs = (d: number) => (d === 0 ? [0] : [d, -d]);
  return table.flatMap((row, j) =>
    row.flatMap((rho, i) =>
      rho === 0 ? [] : signs(j).flatMap((dy) => signs(i).map((dx) => ({ dx, dy, rho }))),
    ),
  );
}

/** Steps of a stamp in a pixel: fine, so that sums are those of stars anywhere between the pixels, on average. */
const FINE = 4;

/** A round PSF of unit sum on steps of 1 / FINE pixels, averaged over a square of `lacking` pixels. @param fwhm pixels */
function stampOf(fwhm: number, beta: number | null, lacking: number): { side: number; data: Float64Array } {
  const reach = Math.ceil(FINE * (6 * fwhm + lacking));
  const side = 2 * reach + 1;
  const unit = (fwhm * (beta === null ? SIGMA_PER_FWHM : gammaPerFwhm(beta))) ** 2;
  const value = (r2: number) => (beta === null ? Math.exp(-r2 / (2 * unit)) : (1 + r2 / unit) ** -beta);
  const offsets = offsetsOver(lacking);
  const data = new Float64Array(side * side);
  for (let v = 0; v < side; v++)
    for (let u = 0; u < side; u++)
      for (const dy of offsets)
        for (const dx of offsets)
          data[v * side + u]! += value(((u - reach) / FINE + dx) ** 2 + ((v - reach) / FINE + dy) ** 2);
  const sum = data.reduce((total, each) => total + each, 0);
  return { side, data: data.map((each) => each / sum) };
}

/** Σ ρ(l) ∫ P(x) P(x + l) dx / (∫ P²)², P of unit sum on steps of 1 / fine pixels. */
function sumOver(data: Float64Array, side: number, fine: number, lags: readonly Lag[]): number {
  const overlap = (dx: number, dy: number) => {
    let sum = 0;
    for (let v = Math.max(0, -dy); v < Math.min(side, side - dy); v++)
      for (let u = Math.max(0, -dx); u < Math.min(side, side - dx); u++)
        sum += data[v * side + u]! * data[(v + dy) * side + u + dx]!;
    return sum * fine ** 2;
  };
  const variance = lags.reduce((sum, { dx, dy, rho }) => sum + rho * overlap(dx * fine, dy * fine), 0);
  return variance / overlap(0, 0) ** 2;
}
