/**
 * Euclid Wide, VIS, as its first quick release shows it: the stacks' PSF has a full width at half maximum of 0.16", and
 * 25.6 mag is 10σ of the noise in 1.3" apertures (Euclid Collaboration: McCracken et al. 2025, arXiv:2503.15303). Pixels of
 * 0.1", four exposures with 4.2 electrons of read noise each (Cropper et al. 2016, SPIE 9904), zodiacal sky 22.35
 * mag/arcsec² (Laureijs et al. 2011, arXiv:1110.3193). Fluxes are in microjanskys.
 * Display: one band is stretched by ours, with Q 4 (docs/decisions/sky.md).
 */
import { type Survey, skySigmaOfAperture } from "../survey.ts";

const scale = { pixelScale: 0.1, zeroPoint: 23.9 };

export const euclid: Survey = {
  name: "euclid",
  title: "Euclid Wide, VIS",
  source: "McCracken et al. 2025; Laureijs et al. 2011; Cropper et al. 2016",
  ...scale,
  moffatBeta: null,
  noiseScatter: 0.08,
  bands: [
    {
      name: "VIS",
      seeing: 0.16,
      seeingScatter: 0.02,
      skySigma: skySigmaOfAperture(25.6, 10, 1.3, scale),
      skyBrightness: 22.35,
      readNoise: 2 * 4.2,
    },
  ],
  display: { bands: ["VIS"], scales: [1], Q: 4, alpha: 33 },
};
