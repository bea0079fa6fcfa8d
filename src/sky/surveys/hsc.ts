/**
 * HSC-Wide, third public data release: seeing and 5σ point-source depths from Aihara et al. 2022 (PASJ 74, 247),
 * table 1; zero point 27, pixel scale 0.168. Sky brightness: Maunakea dark sky. The display scales are those of
 * `cfhtls` moved to this zero point (3 magnitudes: a factor of 15.85 in alpha).
 */
import { type Survey, skySigmaOfDepth } from "../survey.ts";

const scale = { pixelScale: 0.168, zeroPoint: 27 };

export const hsc: Survey = {
  name: "hsc",
  title: "HSC-SSP Wide (PDR3)",
  source: "Aihara et al. 2022",
  ...scale,
  moffatBeta: 3,
  noiseScatter: 0.12,
  bands: [
    {
      name: "g",
      seeing: 0.79,
      seeingScatter: 0.1,
      skySigma: skySigmaOfDepth(26.5, 5, 0.79, scale),
      skyBrightness: 22.0,
    },
    {
      name: "r",
      seeing: 0.75,
      seeingScatter: 0.1,
      skySigma: skySigmaOfDepth(26.5, 5, 0.75, scale),
      skyBrightness: 21.3,
    },
    {
      name: "i",
      seeing: 0.61,
      seeingScatter: 0.08,
      skySigma: skySigmaOfDepth(26.2, 5, 0.61, scale),
      skyBrightness: 20.3,
    },
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 1.43 },
};
