/**
 * DESI Legacy Imaging Surveys, DECam part (DECaLS): median seeing of its images from Dey et al. 2019 (AJ 157, 168),
 * section 4; 5σ point-source depths of two observations as planned, which the data releases quote beside their own
 * histograms (legacysurvey.org/dr9/description, "Depths"; DR1 measured 24.65, 23.61, 22.84 with three). Coadds with pixels of
 * 0.262" in nanomaggies, zero point 22.5. Sky brightness: as for `des`, dark sky at Cerro Tololo. The display scales are
 * those of `des`, with z for i; alpha makes as much of a lens white as in `cfhtls`.
 */
import { type Survey, skySigmaOfDepth } from "../survey.ts";

const scale = { pixelScale: 0.262, zeroPoint: 22.5, moffatBeta: 3 };

const band = (name: string, seeing: number, depth: number, skyBrightness: number) => ({
  name,
  seeing,
  seeingScatter: 0.12,
  skySigma: skySigmaOfDepth(depth, 5, seeing, scale),
  skyBrightness,
});

export const legacy: Survey = {
  name: "legacy",
  title: "DESI Legacy Imaging Surveys (DECaLS)",
  source: "Dey et al. 2019; Legacy Surveys DR9",
  ...scale,
  noiseScatter: 0.15,
  bands: [band("g", 1.29, 24.7, 22.0), band("r", 1.18, 23.9, 21.1), band("z", 1.11, 23.0, 18.7)],
  display: { bands: ["z", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 24 },
};
