/** Conversions between full widths at half maximum and the parameters of profiles. */

/** A Gaussian's full width at half maximum, in standard deviations: 2 √(2 ln 2). */
export const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

/** A Gaussian's standard deviation over its full width at half maximum. */
export const SIGMA_PER_FWHM = 1 / FWHM_PER_SIGMA;

/** The γ of Moffat's profile (1 + r² / γ²)^−β over its full width at half maximum (Moffat 1969). */
export const gammaPerFwhm = (beta: number): number => 0.5 / Math.sqrt(2 ** (1 / beta) - 1);

/**
 * A PSF's noise area, 1 / ∫ P² with ∫ P = 1, in squared units of the width: a PSF-weighted flux has the noise of the sky
 * in as large an area (King 1983, PASP 95, 163). Over the squared width: 2.27 for a Gaussian, 3.78 for β = 3.
 *
 * @param beta Moffat's; null for a Gaussian
 */
export const noiseArea = (fwhm: number, beta: number | null): number =>
  beta === null
    ? 4 * Math.PI * (fwhm * SIGMA_PER_FWHM) ** 2
    : (Math.PI * (fwhm * gammaPerFwhm(beta)) ** 2 * (2 * beta - 1)) / (beta - 1) ** 2;

/** The width of the PSF of this β that has the noise area of a Gaussian of width `effective`, the LSST's FWHM_eff. */
export const fwhmOfEffective = (effective: number, beta: number): number =>
  effective * Math.sqrt(noiseArea(1, null) / noiseArea(1, beta));
