/**
 * HSC-Wide, third public data release: seeing and 5σ point-source depths from Aihara et al. 2022 (PASJ 74, 247),
 * table 2; zero point 27, pixel scale 0.168. Sky brightness: Maunakea dark sky. The display scales are those of
 * `cfhtls` shifted to this zero point (3 magnitudes: a factor of 15.85 in alpha).
 */
import { type Survey, skySigmaOfDepth } from "../survey.ts";

const scale = { pixelScale: 0.168, zeroPoint: 27, moffatBeta: 3 };

const band = (name: string, seeing: number, depth: number, skyBrightness: number, seeingScatter = 0.1) => ({
  name,
  seeing,
  seeingScatter,
  skySigma: skySigmaOfDepth(depth, 5, seeing, scale),
  skyBrightness,
});

export const hsc: Survey = {
  name: "hsc",
  title: "HSC-SSP Wide (PDR3)",
  source: "Aihara et al. 2022",
  ...scale,
  noiseScatter: 0.12,
  bands: [
    band("g", 0.79, 26.5, 22.0),
    band("r", 0.75, 26.5, 21.3),
    band("i", 0.61, 26.2, 20.3, 0.08),
    band("z", 0.68, 25.2, 19.4),
    band("y", 0.68, 24.4, 18.3),
  ],
  display: { bands: ["i", "r", "g"], scales: [0.4, 0.6, 1.7], Q: 1, alpha: 1.43 },
};
