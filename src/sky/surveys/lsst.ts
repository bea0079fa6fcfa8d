/**
 * LSST after ten years: 5σ point-source depths of the coadds, zenith seeing and dark sky from Ivezić et al. 2019 (ApJ
 * 873, 111), tables 1 and 2; pixel scale 0.2, zero point 27 as in the project's simulated coadds (Abolfathi et al. 2021,
 * ApJS 253, 31). The published seeing is the effective one, the width of the Gaussian with the PSF's noise area (their
 * section 3.2; LSE-40). The wings are those of atmospheric turbulence, β = 4.765 (Trujillo et al. 2001, MNRAS 328, 977),
 * whose width at half maximum is 0.867 of the effective one: 0.72" in r, where LSST's own relation, 0.822 FWHM_eff + 0.052,
 * gives 0.73".
 */
import { fwhmOfEffective } from "../fwhm.ts";
import { type Survey, skySigmaOfDepth } from "../survey.ts";

const scale = { pixelScale: 0.2, zeroPoint: 27, moffatBeta: 4.765 };

const band = (name: string, effective: number, depth: number, skyBrightness: number) => {
  const seeing = fwhmOfEffective(effective, scale.moffatBeta);
  return {
    name,
    seeing,
    seeingScatter: 0.05, // of hundreds of visits
    skySigma: skySigmaOfDepth(depth, 5, seeing, scale),
    skyBrightness,
  };
};

export const lsst: Survey = {
  name: "lsst",
  title: "LSST, ten years",
  source: "Ivezić et al. 2019",
  ...scale,
  noiseScatter: 0.05,
  bands: [
    band("u", 0.92, 26.1, 22.99),
    band("g", 0.87, 27.4, 22.26),
    band("r", 0.83, 27.5, 21.2),
    band("i", 0.8, 26.8, 20.48),
    band("z", 0.78, 26.1, 19.6),
    band("y", 0.76, 24.9, 18.61),
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 1.3 },
};
