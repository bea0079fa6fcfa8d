/**
 * Pan-STARRS1 3π stacks: 5σ point-source depths, median seeing and sky brightness from Chambers et al. 2016
 * (arXiv:1612.05560), sections 1 and 3; pixel scale 0.25; zero point 25 for counts per second (Waters et al. 2020, ApJS
 * 251, 4). Correlation of neighbours: measured on 351 real cutouts, sources masked. Depths are met with pixels counted as
 * independent: so counted, sky sigmas are those of the same cutouts.
 */
import { type Survey, skySigmaOfDepth } from "../survey.ts";

const scale = { pixelScale: 0.25, zeroPoint: 25, moffatBeta: 3 };

const band = (name: string, seeing: number, depth: number, skyBrightness: number) => ({
  name,
  seeing,
  seeingScatter: 0.12,
  skySigma: skySigmaOfDepth(depth, 5, seeing, scale),
  skyBrightness,
});

export const panstarrs: Survey = {
  name: "panstarrs",
  title: "Pan-STARRS1 3π (stacks)",
  source: "Chambers et al. 2016",
  ...scale,
  noiseScatter: 0.15,
  bands: [
    band("g", 1.31, 23.3, 21.92),
    band("r", 1.19, 23.2, 20.83),
    band("i", 1.11, 23.1, 19.79),
    band("z", 1.07, 22.3, 19.24),
    band("y", 1.02, 21.4, 18.24),
  ],
  noiseCorrelation: [
    [1, 0.2, -0.02],
    [0.2, -0.03, 0],
    [-0.02, 0, 0],
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 2.2 },
};
