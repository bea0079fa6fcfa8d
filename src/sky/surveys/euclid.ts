/**
 * Euclid Wide, VIS: four exposures of 565 s with 4.2 electrons of read noise each, PSF 0.16", pixels 0.1" (Cropper et
 * al. 2016, SPIE 9904; Euclid Collaboration: Cropper et al. 2025, A&A 697, A2), zodiacal sky 22.35 mag/arcsec² (Laureijs
 * et al. 2011, arXiv:1110.3193), and one electron per second at 25.2 mag (24.0 per count at 3.1 electrons per count).
 * Fluxes are in microjanskys. With these a galaxy of 24.5 mag has S/N 19 in a 1.3" aperture, above the required 10.
 * Display: one band is stretched by ours, the sky's sigma to 20 of 255 grey levels and white at 90 sigma a pixel.
 */
import { type Survey, skySigmaOfExposure } from "../survey.ts";

const scale = { pixelScale: 0.1, zeroPoint: 23.9 };
const exposed = { skyBrightness: 22.35, exposure: 4 * 565, readNoise: 2 * 4.2, perSecond: 25.2 };

export const euclid: Survey = {
  name: "euclid",
  title: "Euclid Wide, VIS",
  source: "Laureijs et al. 2011; Cropper et al. 2016, 2025",
  ...scale,
  moffatBeta: null,
  noiseScatter: 0.08,
  bands: [
    {
      name: "VIS",
      seeing: 0.16,
      seeingScatter: 0.02,
      skySigma: skySigmaOfExposure(exposed, scale),
      skyBrightness: exposed.skyBrightness,
      readNoise: exposed.readNoise,
    },
  ],
  display: { bands: ["VIS"], scales: [1], Q: 4, alpha: 30 },
};
