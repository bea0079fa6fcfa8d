/**
 * CFHTLS-Wide. Zero point and pixel scale: TERAPIX T0007 stacks. Seeing: medians of the Wide stacks (Goranova et
 * al. 2009, T0006). Sky sigma: between CFHTLenS's limits (Erben et al. 2013, MNRAS 433, 2545: 0.617, 1.175, 1.60) and the
 * empty sky of published composites (0.60, 1.06, 1.49), whose scatter from field to field is 0.17; two frames have 0.59
 * and 0.76, 1.33 and 1.38, 1.81 and 1.98. Correlation of neighbours and SATURATE cards: the same two frames.
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
  noiseScatter: 0.17,
  bands: [
    { name: "g", seeing: 0.82, seeingScatter: 0.1, skySigma: 0.63, skyBrightness: 22.0, saturation: 2900 },
    { name: "r", seeing: 0.75, seeingScatter: 0.1, skySigma: 1.15, skyBrightness: 21.3, saturation: 5100 },
    { name: "i", seeing: 0.68, seeingScatter: 0.1, skySigma: 1.55, skyBrightness: 20.3, saturation: 5700 },
  ],
  noiseCorrelation: [
    [1, 0.1, -0.05],
    [0.1, 0.02, 0],
    [-0.05, 0, 0],
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.09 },
};
