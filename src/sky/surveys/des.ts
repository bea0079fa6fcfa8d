/**
 * DES wide field, second data release: seeing and depth (signal-to-noise 10 in a 1.95" aperture) from Abbott et al.
 * 2021 (ApJS 255, 20), table 1; zero point 30, pixel scale 0.263. Sky brightness: CTIO dark sky.
 */
import { fluxOf, type Survey } from "../survey.ts";

/** Sky sigma in a pixel from an aperture depth at signal-to-noise 10: flux / 10 / √(pixels in the aperture). */
const sigma = (depth: number) => fluxOf(depth, 30) / 10 / (Math.sqrt(Math.PI) * (1.95 / 2 / 0.263));

export const des: Survey = {
  name: "des",
  title: "DES wide field (DR2)",
  source: "Abbott et al. 2021",
  pixelScale: 0.263,
  zeroPoint: 30,
  moffatBeta: 3,
  noiseScatter: 0.15,
  bands: [
    { name: "g", seeing: 1.11, seeingScatter: 0.1, skySigma: sigma(24.7), skyBrightness: 22.0 },
    { name: "r", seeing: 0.95, seeingScatter: 0.1, skySigma: sigma(24.4), skyBrightness: 21.1 },
    { name: "i", seeing: 0.88, seeingScatter: 0.1, skySigma: sigma(23.8), skyBrightness: 19.9 },
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.05 },
};
