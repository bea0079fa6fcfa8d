/**
 * KiDS, fourth data release: 5σ limits in a 2" aperture from Kuijken et al. 2019 (A&A 625, A2); mean seeing per band from
 * de Jong et al. 2017 (A&A 604, A134), section 2; coadds with 0.2" pixels. Sky brightness: dark sky at Paranal (Patat
 * 2008, A&A 481, 575). The zero point is our choice, for numbers near 1; the release's own is 0.
 */
import { type Survey, skySigmaOfAperture } from "../survey.ts";

const scale = { pixelScale: 0.2, zeroPoint: 30 };

const band = (name: string, seeing: number, depth: number, skyBrightness: number) => ({
  name,
  seeing,
  seeingScatter: 0.12,
  skySigma: skySigmaOfAperture(depth, 5, 2, scale),
  skyBrightness,
});

export const kids: Survey = {
  name: "kids",
  title: "KiDS (DR4)",
  source: "Kuijken et al. 2019; de Jong et al. 2017",
  ...scale,
  moffatBeta: 3,
  noiseScatter: 0.12,
  bands: [
    band("u", 1.0, 24.23, 22.3),
    band("g", 0.86, 25.12, 22.1),
    band("r", 0.68, 25.02, 21.0),
    band("i", 0.81, 23.68, 19.9),
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 0.06 },
};
