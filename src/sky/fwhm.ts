/** Conversions between full widths at half maximum and the parameters of profiles. */

/** A Gaussian's full width at half maximum, in standard deviations: 2 √(2 ln 2). */
export const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

/** A Gaussian's standard deviation over its full width at half maximum. */
export const SIGMA_PER_FWHM = 1 / FWHM_PER_SIGMA;

/** The γ of Moffat's profile (1 + r² / γ²)^−β over its full width at half maximum (Moffat 1969). */
export const gammaPerFwhm = (beta: number): number => 0.5 / Math.sqrt(2 ** (1 / beta) - 1);
