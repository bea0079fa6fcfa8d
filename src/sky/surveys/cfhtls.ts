/**
 * CFHTLS-Wide. Zero point and pixel scale: TERAPIX T0007 stacks. Seeing: medians of the Wide stacks (Goranova et
 * al. 2009, T0006). Sky sigma: measured on real 440-pixel g, r, i frames (0.67, 1.43, 1.96 from the median absolute
 * deviation, sources included; 0.58, 1.26, 1.75 after masking), raised in g and i to the sky of 429 published cutouts.
 * Sky brightness: MegaCam dark sky. Display: HumVI with the Space Warps settings (Marshall et al. 2016, MNRAS 455, 1171).
 */
import type { Survey } from "../survey.ts";

export const cfhtls: Survey = {
  name: "cfhtls",
  title: "CFHTLS-Wide (MegaCam, T0007)",
  source: "Goranova et al. 2009; Marshall et al. 2016",
  pixelScale: 0.187,
  zeroPoint: 30,
  moffatBeta: 3.5,
  noiseScatter: 0.2,
  bands: [
    { name: "g", seeing: 0.82, seeingScatter: 0.1, skySigma: 0.66, skyBrightness: 22.0, saturation: 2900 },
    { name: "r", seeing: 0.75, seeingScatter: 0.1, skySigma: 1.3, skyBrightness: 21.3, saturation: 5100 },
    { name: "i", seeing: 0.68, seeingScatter: 0.1, skySigma: 1.9, skyBrightness: 20.3, saturation: 5700 },
  ],
  noiseCorrelation: [
    [1, 0.1, -0.05],
    [0.1, 0.02, 0],
    [-0.05, 0, 0],
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.09 },
};
