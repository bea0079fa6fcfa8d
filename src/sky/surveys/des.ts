/**
 * DES wide field, second data release: seeing and depth (signal-to-noise 10 in a 1.95" aperture) from Abbott et al.
 * 2021 (ApJS 255, 20), table 1; zero point 30, pixel scale 0.263. Sky brightness: dark sky at Cerro Tololo (Neilsen et
 * al. 2019, arXiv:1912.06254).
 */
import { type Survey, skySigmaOfAperture } from "../survey.ts";

const scale = { pixelScale: 0.263, zeroPoint: 30 };

const band = (name: string, seeing: number, depth: number, skyBrightness: number) => ({
  name,
  seeing,
  seeingScatter: 0.1,
  skySigma: skySigmaOfAperture(depth, 10, 1.95, scale),
  skyBrightness,
});

export const des: Survey = {
  name: "des",
  title: "DES wide field (DR2)",
  source: "Abbott et al. 2021",
  ...scale,
  moffatBeta: 3,
  noiseScatter: 0.15,
  bands: [
    band("g", 1.11, 24.7, 22.0),
    band("r", 0.95, 24.4, 21.1),
    band("i", 0.88, 23.8, 19.9),
    band("z", 0.83, 23.1, 18.7),
    band("Y", 0.9, 21.7, 18.0),
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.05 },
};
